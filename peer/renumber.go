package peer

// dropMemory is how many deliberate drops a renumber remembers, so that a packet that comes late still gets the number
// it would have had. Drops further back than this answer late packets with "not sent".
const dropMemory = 32

// renumber makes one unbroken count out of the counts of many sources: RTP sequence numbers (16 bits) and VP8 picture
// ids (15 bits). Gaps that the source has are kept, so that a receiver still sees and asks for what was lost; numbers
// left out on purpose are closed.
type renumber struct {
	mask    uint16 // 0xffff or 0x7fff
	started bool
	first   uint16 // source number the current source began with
	high    uint16 // highest source number seen
	last    uint16 // highest number given out
	offset  uint16 // to add for numbers from the last drop on
	drops   [dropMemory]dropped
	n       int // drops made since the source began
}

// dropped says: source numbers below from have offset before it.
type dropped struct{ from, offset uint16 }

// begin starts a new source at number src; it gets the number after the last one given out.
func (r *renumber) begin(src uint16) {
	next := (r.last + 1) & r.mask
	if !r.started {
		next = src
		r.started = true
	}
	r.first, r.high, r.last = src, src, next
	r.offset = (next - src) & r.mask
	r.n = 0
}

// number gives the outgoing number of src; ok is false when src came before the source began, or was dropped.
func (r *renumber) number(src uint16) (out uint16, ok bool) {
	if r.newer(src, r.high) {
		r.high = src
		out = (src + r.offset) & r.mask
		r.last = out
		return out, true
	}
	if r.newer(r.first, src) {
		return 0, false
	}
	offset := r.offset
	for i := r.n - 1; i >= 0 && i >= r.n-dropMemory; i-- {
		d := r.drops[i%dropMemory]
		if src == d.from {
			return 0, false
		}
		if r.newer(src, d.from) {
			break
		}
		offset = d.offset
		if i == r.n-dropMemory && i > 0 {
			return 0, false
		}
	}
	return (src + offset) & r.mask, true
}

// drop leaves src out and closes the count behind it. Only the newest number can be closed: for an older one nothing
// changes, its number stays unused.
func (r *renumber) drop(src uint16) {
	if !r.newer(src, r.high) {
		return
	}
	r.high = src
	r.drops[r.n%dropMemory] = dropped{from: src, offset: r.offset}
	r.n++
	r.offset = (r.offset - 1) & r.mask
	r.last = (src + r.offset) & r.mask
}

// newer tells whether a comes after b in the circle.
func (r *renumber) newer(a, b uint16) bool {
	d := (a - b) & r.mask
	return d != 0 && d <= r.mask>>1
}
