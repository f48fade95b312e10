package hwaccel

// Clock is the rate of a picture's timestamps, Hz (RFC 6184 section 5.1, RFC 7741 section 4.1).
const Clock = 90000

// Timeline is time as an encoder wants it: it only grows. The zero value is before the first picture.
type Timeline struct {
	// last is the timestamp of the last picture and now that picture in unbroken time.
	last    uint32
	now     int64
	started bool
}

// Advance turns a timestamp, which wraps and may jump when the source changes, into unbroken time; usual is the time between
// pictures. A jump counts as a second at most: libvpx would save up bits for the whole of it. Units: 1/Clock seconds.
func (t *Timeline) Advance(timestamp uint32, usual int64) {
	step := int64(int32(timestamp - t.last))
	if !t.started || step <= 0 {
		step = usual
	}
	t.started, t.last = true, timestamp
	t.now += min(step, Clock)
}

// Now is the time of the last picture. Units: 1/Clock seconds.
func (t *Timeline) Now() int64 { return t.now }
