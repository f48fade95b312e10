package transcode

import "legroom/media"

// pictureClock is the rate of the timestamps of pictures, Hz.
const pictureClock = 90000

// pictureLine is the time line of pictures that are sent: that of their source, without its jumps.
type pictureLine struct {
	running      bool
	offset, last uint32
	step         uint32 // between pictures
}

// follow gives the timestamp of the next picture of the source.
func (l *pictureLine) follow(at uint32) uint32 {
	sent := at + l.offset
	if ahead := int32(sent - l.last); l.running && (ahead <= 0 || ahead > longestPause*pictureClock) {
		// Another source, or one that begins anew, says nothing of how long it was away.
		sent = l.last + l.step
		l.offset = sent - at
	}
	l.running, l.last = true, sent
	return sent
}

// repeat gives the timestamp of a picture that is sent again so many ticks later.
func (l *pictureLine) repeat(ticks uint32) uint32 {
	l.last += max(ticks, 1)
	return l.last
}

// frameCap leaves out pictures above a rate, by their timestamps.
type frameCap struct {
	running bool
	due     uint32
	step    uint32
}

// admits tells whether the picture is not above the rate. A quarter of a step early is on time.
func (c *frameCap) admits(p *media.Picture) bool {
	early := int32(c.due - p.Timestamp)
	if c.running && early > int32(c.step/4) && early <= pictureClock {
		return false
	}
	if c.running && early > -int32(c.step) && early <= int32(c.step/4) {
		c.due += c.step
	} else {
		c.due = p.Timestamp + c.step
	}
	c.running = true
	return true
}
