package rooms

import (
	"legroom/e2ee"
	"legroom/media"
)

// sealing leads the Opus packets of a leg of the gateway to a Track, sealed. Without a Sealer, or a key, they end here.
type sealing struct {
	voice  *sealedVoice
	out    *Track
	packet media.Packet
	unsent uint16 // packets that ended here: they leave no gap in the sequence numbers
}

var _ media.Sink[*media.Packet] = (*sealing)(nil)

// Write seals a packet. What stands beside the payload, its loudness too, is passed on. Errors: those of e2ee.Sealer, and
// of the Track.
func (s *sealing) Write(p *media.Packet) error {
	sealer := s.voice.sealer.Load()
	if sealer == nil {
		s.unsent++
		return nil
	}
	payload, err := sealer.Seal(s.packet.Payload[:0], media.Opus, p.Payload)
	if err != nil {
		s.unsent++
		return err
	}
	become(&s.packet, p, payload)
	s.packet.SequenceNumber -= s.unsent
	return s.out.Write(&s.packet)
}

// Close ends the Track: what it was made of is over.
func (s *sealing) Close() error { return s.out.Close() }

// follow changes what it is sealed with, nil for nothing.
func (v *sealedVoice) follow(s *e2ee.Sealer) { v.sealer.Store(s) }
