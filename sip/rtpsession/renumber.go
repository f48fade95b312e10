package rtpsession

import (
	"time"

	"github.com/pion/rtp"

	"legroom/media/payload"
)

const (
	// misordered is how far back a packet may come and still be of the same count; farther back its source began anew.
	misordered = 128
	// remembered sent numbers, a power of two over misordered.
	remembered = 512
	// leastStep of the timestamp from one source to the next, ticks of 90 kHz: two pictures must not look like one.
	leastStep = 1500
)

// renumber puts the packets of changing sources into one stream of pictures: sequence numbers and VP8 picture ids go on
// without a gap from one source to the next, timestamps by the wall clock. Within a source, gaps and order stay as they
// are: what was lost before us the peer must see as lost. No number is sent twice, which SRTP forbids (RFC 3711 section
// 9.1).
type renumber struct {
	started bool
	from    uint64 // number of the source, and its SSRC
	ssrc    uint32
	first   uint16 // its numbers
	highest uint16
	offset  uint16 // to ours
	stamp   uint32 // offset of timestamps
	ids     pictureIDs
	used    [remembered / 64]uint64
}

// next numbers a packet; not ok is one that comes too late, or again. line is where the stream is.
func (r *renumber) next(line *timeline, from uint64, h *rtp.Header, now time.Time) (sequence uint16, timestamp uint32, ok bool) {
	delta := int16(h.SequenceNumber - r.highest)
	switch {
	case !r.started || from != r.from || h.SSRC != r.ssrc || delta > maxDropout || delta < -misordered:
		r.begin(line, from, h, now)
	case delta > 0:
		r.skip(r.highest+r.offset+1, uint16(delta))
		r.highest = h.SequenceNumber
	case int16(h.SequenceNumber-r.first) < 0 || r.taken(h.SequenceNumber+r.offset):
		return 0, 0, false
	}
	sequence = h.SequenceNumber + r.offset
	r.used[sequence%remembered/64] |= 1 << (sequence % 64)
	timestamp = h.Timestamp + r.stamp
	if h.SequenceNumber != r.highest {
		return sequence, timestamp, true
	}
	if d := int32(timestamp - line.sent); d < -int32(line.rate) || d > int32(line.elapsed(now)+line.rate) {
		timestamp = line.sent + max(line.elapsed(now), leastStep)
		r.stamp = timestamp - h.Timestamp
	}
	line.sequence, line.sent, line.at, line.started = sequence, timestamp, now, true
	return sequence, timestamp, true
}

// begin continues the stream with a packet of another source.
func (r *renumber) begin(line *timeline, from uint64, h *rtp.Header, now time.Time) {
	sent := line.sent
	if line.started {
		sent += max(line.elapsed(now), leastStep)
	}
	r.started, r.from, r.ssrc, r.first, r.highest = true, from, h.SSRC, h.SequenceNumber, h.SequenceNumber
	r.offset, r.stamp = line.sequence+1-h.SequenceNumber, sent-h.Timestamp
	r.ids.begin()
	r.skip(line.sequence+1, 1)
}

// skip forgets what was sent under n numbers before.
func (r *renumber) skip(number, n uint16) {
	if n >= remembered {
		clear(r.used[:])
		return
	}
	for i := number; i != number+n; i++ {
		r.used[i%remembered/64] &^= 1 << (i % 64)
	}
}

func (r *renumber) taken(number uint16) bool {
	return r.used[number%remembered/64]&(1<<(number%64)) != 0
}

// pictureIDs goes on with VP8's picture ids and TL0PICIDX from one source to the next. Source: RFC 7741 section 4.2.
type pictureIDs struct {
	fresh              bool // the next packet is the first of its source
	picture, tl0       int  // offsets
	lastPicture, lastT int  // the newest given out
}

func (i *pictureIDs) begin() { i.fresh = true }

// rewrite puts ours into a payload of VP8, in place. What cannot be read stays as it is.
func (i *pictureIDs) rewrite(p []byte) {
	d, err := payload.ParseVP8(p)
	if err != nil || d.PictureID == payload.NoVP8 && d.TL0PicIdx == payload.NoVP8 {
		return
	}
	if i.fresh {
		i.fresh = false
		i.picture, i.tl0 = i.lastPicture+1-d.PictureID, i.lastT+1-d.TL0PicIdx
	}
	picture, tl0 := (d.PictureID+i.picture)&0x7fff, (d.TL0PicIdx+i.tl0)&0xff
	if (picture-i.lastPicture)&0x7fff < 1<<14 {
		i.lastPicture = picture
	}
	if (tl0-i.lastT)&0xff < 1<<7 {
		i.lastT = tl0
	}
	d.Rewrite(p, picture, tl0)
}
