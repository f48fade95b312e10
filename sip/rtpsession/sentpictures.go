package rtpsession

import (
	"time"

	"legroom/media"
)

// sentPictures is what is kept of a stream of pictures that is sent.
type sentPictures struct {
	numbers renumber
	resends *resends // nil unless NACK was agreed
	scratch [maxPayload]byte
}

// restart begins a new stream: what was sent under other numbers or keys is not sent again.
func (o *sentPictures) restart() {
	o.numbers = renumber{}
	if o.resends != nil {
		o.resends.forget()
	}
}

// remember makes the memory of what was sent, once it is needed.
func (o *sentPictures) remember(nack bool) {
	if nack && o.resends == nil {
		o.resends = newResends()
	}
}

// writePicture numbers and sends a packet of pictures; the lock of out is held.
func (s *Session) writePicture(p *path, from uint64, packet *media.Packet, now time.Time) {
	o := s.out.pictures
	sequence, timestamp, ok := o.numbers.next(&s.out.line, from, &packet.Header, now)
	if !ok {
		s.drop(dropStale)
		return
	}
	payload := packet.Payload
	if p.agreed.Codec.Name == media.VP8 {
		payload = append(o.scratch[:0], payload...)
		o.numbers.ids.rewrite(payload)
	}
	h := packet.Header
	h.PayloadType, h.SequenceNumber, h.Timestamp = p.agreed.PayloadType, sequence, timestamp
	s.emit(p, h, payload)
}
