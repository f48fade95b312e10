package ffmpeg

// unbroken is time as an encoder wants it: it only grows.
type unbroken struct {
	// last is the timestamp of the last picture and pts that picture in unbroken time.
	last    uint32
	pts     int64
	started bool
}

// advance turns a timestamp, which wraps and may jump when the source changes, into unbroken time; usual is the time between
// pictures. A jump counts as a second at most: libvpx would save up bits for the whole of it.
func (u *unbroken) advance(timestamp uint32, usual int64) {
	step := int64(int32(timestamp - u.last))
	if !u.started || step <= 0 {
		step = usual
	}
	u.started, u.last = true, timestamp
	u.pts += min(step, Clock)
}
