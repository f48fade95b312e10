package visit

import (
	"legroom/gateway/tap"
	"legroom/media"
)

// slotReader makes payloads of the packets of one slot.
type slotReader struct {
	mid     string
	into    *capture
	picture tap.Picture
	parts   uint64
}

func (s *slotReader) packet(codec media.CodecName, p *media.Packet) {
	switch codec {
	case media.Opus:
		s.into.take(frame{mid: s.mid, codec: codec, payload: p.Payload, packets: 1})
	case media.VP8:
		s.parts++
		whole, lost := s.picture.Add(p)
		if lost > 0 {
			s.into.lost(s.mid, codec, lost)
			s.parts -= min(lost, s.parts)
		}
		if whole != nil {
			s.into.take(frame{mid: s.mid, codec: codec, payload: whole, packets: s.parts})
			s.parts = 0
		}
	default:
		s.into.lost(s.mid, codec, 1)
	}
}
