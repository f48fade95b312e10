package rooms

import (
	"encoding/binary"
	"errors"
	"sync"
	"time"

	"legroom/e2ee"
	"legroom/media"
)

// unsealing opens the packets of a browser in an encrypted room, as far as a grant reaches. Each is opened once, whoever
// hears it: grants refuse the second time. The Opener can be changed while packets come; without one nothing is opened.
type unsealing struct {
	codec media.CodecName

	mu     sync.Mutex // held while a packet is opened: once follow has returned none is by the Opener before
	opener *e2ee.Opener

	// Of the goroutine that writes the Track:
	early   e2ee.Early // packets of an epoch whose key has not come
	waiting bool       // something is in there
	epoch   byte       // of the last of it
	packet  media.Packet
	late    media.Packet
	held    []byte
}

// newUnsealing opens with an Opener: there is no unsealing without a grant.
func newUnsealing(o *e2ee.Opener, codec media.CodecName) *unsealing {
	return &unsealing{codec: codec, opener: o}
}

// follow changes the Opener; nil for none.
func (s *unsealing) follow(o *e2ee.Opener) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opener = o
}

// each opens p.
func (s *unsealing) each(p *media.Packet, use func(*media.Packet) error) error {
	payload, epoch, err := s.open(s.packet.Payload[:0], p.Payload)
	switch {
	case errors.Is(err, e2ee.ErrNoKey):
		s.wait(p, epoch)
		return nil
	case err != nil:
		return err
	case s.waiting && epoch == s.epoch:
		s.release(p, use)
	}
	become(&s.packet, p, payload)
	return use(&s.packet)
}

// open appends the opened payload, and tells the low bits of its epoch. Errors: e2ee.ErrRevoked without an Opener, those of
// e2ee.Opener.
func (s *unsealing) open(dst, payload []byte) ([]byte, byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.opener == nil {
		return dst, 0, e2ee.ErrRevoked
	}
	out, id, err := s.opener.Open(dst, s.codec, payload)
	return out, id.Epoch(), err
}

// heldHeader is what is kept of a packet that waits, before its payload: sequence number, timestamp, SSRC, level, marker.
const heldHeader = 2 + 4 + 4 + 1 + 1

// wait keeps a packet until a packet of its epoch opens, for half a second at most.
func (s *unsealing) wait(p *media.Packet, epoch byte) {
	b := binary.BigEndian.AppendUint16(s.held[:0], p.SequenceNumber)
	b = binary.BigEndian.AppendUint32(b, p.Timestamp)
	b = binary.BigEndian.AppendUint32(b, p.SSRC)
	marker := byte(0)
	if p.Marker {
		marker = 1
	}
	s.held = append(append(b, byte(p.Level), marker), p.Payload...)
	s.early.Hold(time.Now(), s.held)
	s.waiting, s.epoch = true, epoch
}

// release opens what waited, in order, before the packet p which showed that the key is there.
func (s *unsealing) release(p *media.Packet, use func(*media.Packet) error) {
	s.waiting = false
	s.early.Release(time.Now(), func(b []byte) {
		payload, _, err := s.open(s.late.Payload[:0], b[heldHeader:])
		if err != nil {
			return
		}
		become(&s.late, p, payload)
		s.late.SequenceNumber = binary.BigEndian.Uint16(b)
		s.late.Timestamp = binary.BigEndian.Uint32(b[2:])
		s.late.SSRC = binary.BigEndian.Uint32(b[6:])
		s.late.Level, s.late.Marker = media.Level(b[10]), b[11] == 1
		_ = use(&s.late)
	})
}

// become makes dst the packet p with another payload, and without what is for the one hop only.
func become(dst, p *media.Packet, payload []byte) {
	*dst = *p
	dst.Payload = payload
	dst.Extension, dst.Extensions, dst.CSRC = false, nil, nil
	dst.Padding, dst.PaddingSize = false, 0
}
