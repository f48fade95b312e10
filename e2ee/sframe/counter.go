package sframe

// counters is how many a stream has: CTR of a frame stays within 32 bits.
const counters = 1 << 32

// counter gives out the counters of one stream, from 0. There is one for each epoch, kind and track, and all that is
// sealed for them takes from it: simulcast layers, slices and OBUs. Two of them under one key would give away the XOR of
// what both sealed, so it lies inside the Sealer and cannot be set.
type counter struct{ next uint64 }

// take gives the next one. Errors: ErrExhausted after 2^32, for good.
func (c *counter) take() (uint64, error) {
	if c.next >= counters {
		return 0, ErrExhausted
	}
	c.next++
	return c.next - 1, nil
}
