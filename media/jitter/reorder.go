package jitter

import "legroom/media"

// Bounds of a sequence number before a stream counts as another one. Source: RFC 3550 appendix A.1.
const (
	maxDropout  = 3000
	maxMisorder = 100
	maxWindow   = 64
)

// Gap is told of packets that did not come, just before the one behind them is released.
// Units: lost is packets, at most 3000. Owner: next is lent.
type Gap func(lost int, next *media.Packet)

// ReorderConfig is how a Reorder works.
type ReorderConfig struct {
	// Window is after how many packets one is given up, 1 to 64. Default 3.
	Window int
	// Spurts tells that the marker bit begins a talk spurt, as it does in audio (RFC 3551 section 4.1).
	Spurts bool
}

// DefaultReorderConfig gives the defaults for audio.
func DefaultReorderConfig() ReorderConfig { return ReorderConfig{Window: 3, Spurts: true} }

// ReorderStats counts packets.
type ReorderStats struct {
	// Released in order, Lost without coming in time, Late or copies that were dropped.
	Released, Lost, Late uint64
	// Restarts of the stream: another SSRC, or a jump of the sequence number.
	Restarts uint64
}

// Reorder releases packets in sequence order and reports gaps. In audio a marker or a jump of the timestamp releases
// what is held, so that the end of a word waits for nothing that comes after the pause. Copies, and packets that come
// after they were given up, are dropped. It is used by one goroutine at a time.
// Units: Window is packets; a gap is declared when the packet Window later arrives, so no timer runs.
// Owner: packets are copied while held and lose their header extensions then. Errors: only those of dst.
// Source: RFC 3550 appendix A.1.
type Reorder struct {
	cfg     ReorderConfig
	dst     media.Sink[*media.Packet]
	gap     Gap
	slots   []slot // ring by sequence number
	held    int
	lost    int // given up just before next
	started bool
	ssrc    uint32
	next    uint16 // sequence number to release
	newest  uint16 // highest seen
	pace    pace
	stats   ReorderStats
}

type slot struct {
	used   bool
	packet media.Packet
	bytes  []byte // the payload's memory, kept between uses
}

var _ media.Sink[*media.Packet] = (*Reorder)(nil)

// NewReorder makes a Reorder before dst; gap may be nil. A window out of range is brought into it.
func NewReorder(cfg ReorderConfig, dst media.Sink[*media.Packet], gap Gap) *Reorder {
	cfg.Window = min(max(cfg.Window, 1), maxWindow)
	size := 1
	for size <= cfg.Window {
		size *= 2 // a power of two, so that the ring survives the wrap of the sequence number
	}
	return &Reorder{cfg: cfg, dst: dst, gap: gap, slots: make([]slot, size)}
}

// Write takes the next packet as it arrived.
func (r *Reorder) Write(p *media.Packet) error {
	ahead := int16(p.SequenceNumber - r.next)
	if !r.started || p.SSRC != r.ssrc || ahead < -maxMisorder || ahead >= maxDropout {
		return r.restart(p)
	}
	if ahead < 0 || r.holds(p.SequenceNumber) {
		r.stats.Late++
		return nil
	}
	limit := p.SequenceNumber - uint16(r.cfg.Window) + 1
	if d := int16(p.SequenceNumber - r.newest); d > 0 {
		r.newest = p.SequenceNumber
		if r.cfg.Spurts && r.pace.spurt(p, uint32(d)) {
			limit = p.SequenceNumber
		}
	}
	err := r.settle(limit)
	if p.SequenceNumber != r.next {
		r.hold(p)
		return err
	}
	return first(err, r.release(p), r.settle(r.next))
}

// Flush releases all that is held, with its gaps.
func (r *Reorder) Flush() error {
	if r.held == 0 {
		return nil
	}
	return r.settle(r.newest + 1)
}

// Close releases what is held and closes dst.
func (r *Reorder) Close() error {
	return first(r.Flush(), r.dst.Close())
}

// Stats are the counts so far.
func (r *Reorder) Stats() ReorderStats { return r.stats }

func (r *Reorder) restart(p *media.Packet) error {
	err := r.Flush()
	if r.started {
		r.stats.Restarts++
	}
	r.started, r.ssrc, r.lost = true, p.SSRC, 0
	r.next, r.newest = p.SequenceNumber, p.SequenceNumber
	r.pace = pace{timestamp: p.Timestamp, marker: p.Marker}
	return first(err, r.release(p))
}

// settle gives up what is missing before limit, and releases all held packets up to the next one that is missing.
func (r *Reorder) settle(limit uint16) error {
	var err error
	for {
		s := r.at(r.next)
		switch {
		case r.holds(r.next):
			s.used = false
			r.held--
			err = first(err, r.release(&s.packet))
		case int16(limit-r.next) > 0:
			r.next++
			r.lost++
		default:
			return err
		}
	}
}

func (r *Reorder) release(p *media.Packet) error {
	r.next = p.SequenceNumber + 1
	if r.lost > 0 {
		lost := min(r.lost, maxDropout)
		r.stats.Lost += uint64(lost)
		r.lost = 0
		if r.gap != nil {
			r.gap(lost, p)
		}
	}
	r.stats.Released++
	return r.dst.Write(p)
}

func (r *Reorder) at(seq uint16) *slot { return &r.slots[int(seq)&(len(r.slots)-1)] }

func (r *Reorder) holds(seq uint16) bool {
	s := r.at(seq)
	return s.used && s.packet.SequenceNumber == seq
}

func (r *Reorder) hold(p *media.Packet) {
	s := r.at(p.SequenceNumber)
	s.used = true
	r.held++
	s.bytes = append(s.bytes[:0], p.Payload...)
	s.packet = *p
	s.packet.Payload = s.bytes
	s.packet.Extension, s.packet.Extensions, s.packet.CSRC = false, nil, nil
}

// pace knows how the timestamp of a stream usually moves.
type pace struct {
	timestamp uint32
	step      uint32
	marker    bool
}

// spurt tells whether p, so many packets newer than the newest before it, begins a talk spurt.
func (c *pace) spurt(p *media.Packet, newer uint32) bool {
	step := (p.Timestamp - c.timestamp) / newer
	// A sender that marks every packet says nothing by it.
	fresh := p.Marker && !c.marker
	jump := c.step > 0 && step > 4*c.step
	c.timestamp, c.marker = p.Timestamp, p.Marker
	if !jump && int32(step) > 0 {
		c.step = step
	}
	return fresh || jump
}

func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
