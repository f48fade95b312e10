package transcode

// longestPause is the largest step of a source's time line that is taken for a pause in it, seconds.
const longestPause = 120

// timeline places packets: it counts samples from the start of the stream and gives RTP timestamps for them.
type timeline struct {
	rate, clock uint64
	pos         uint64 // of the first sample of the packet being filled
	expect      uint64 // of the next sample to come, 32 bits wide as its source counts
	jumps       uint64 // samples left out by the source, not counted by pos
	running     bool
}

// follow begins the line, or notes a jump of it, before a sample numbered at is added. The first packet begins at the
// multiple of its size before that sample; what is missing of it is silence.
func (t *timeline) follow(at uint64, frame *[]int16, size int) {
	if !t.running {
		t.running = true
		lead := int(at % uint64(size))
		t.pos, t.expect = at-uint64(lead), at
		for range lead {
			*frame = append(*frame, 0)
		}
		return
	}
	jump := uint32(at) - uint32(t.expect)
	t.expect += uint64(jump)
	// A pause is kept. A source that begins anew says nothing of how long it was away: its packets follow on.
	if uint64(jump) <= longestPause*t.rate {
		t.jumps += uint64(jump)
	}
}

// end is the position behind the n samples that the packet being filled has.
func (t *timeline) end(n int) uint64 { return t.pos + uint64(n) }

// ticks is the RTP timestamp of a position.
func (t *timeline) ticks(pos uint64) uint32 { return uint32((pos + t.jumps) * t.clock / t.rate) }
