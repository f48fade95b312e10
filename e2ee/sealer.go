package e2ee

import (
	"legroom/e2ee/sframe"
	"legroom/media"
)

// Sealer seals one kind of media of one leg, under the grantee's own key and key id of the newest epoch. Only a Grant
// makes one. Many goroutines may use it, and two Sealers for the same leg share one counter.
type Sealer struct {
	grant *Grant
	kind  sframe.Kind
	leg   uint16
}

// Kind that it seals.
func (s *Sealer) Kind() sframe.Kind { return s.kind }

// Leg that speaks.
func (s *Sealer) Leg() uint16 { return s.leg }

// Seal appends the sealed form of a whole encoded frame. On an error dst comes back as it was and the frame must be
// dropped. Owner: dst and frame are lent and have no part in common; nothing is allocated but at the first frame of an
// epoch. Errors: that of Grant.Err after the end, ErrNoKey before the first bundle, those of sframe.Sealer.
func (s *Sealer) Seal(dst []byte, codec media.CodecName, frame []byte) ([]byte, error) {
	g := s.grant
	g.mu.RLock()
	e, err := g.epochNow()
	if err != nil {
		g.mu.RUnlock()
		return dst, err
	}
	if known := e.sealers[legID{s.kind, s.leg}]; known != nil {
		out, err := known.Seal(dst, codec, frame)
		g.mu.RUnlock()
		return out, err
	}
	g.mu.RUnlock()
	return s.sealFirst(dst, codec, frame)
}

// sealFirst seals the first frame of the leg in an epoch.
func (s *Sealer) sealFirst(dst []byte, codec media.CodecName, frame []byte) ([]byte, error) {
	g := s.grant
	g.mu.Lock()
	defer g.mu.Unlock()
	e, err := g.epochNow()
	if err != nil {
		return dst, err
	}
	sealer, err := e.sealer(g.entry.N, legID{s.kind, s.leg})
	if err != nil {
		return dst, err
	}
	return sealer.Seal(dst, codec, frame)
}

// epochNow is the newest epoch; it is called locked.
func (g *Grant) epochNow() (*epoch, error) {
	if g.err != nil {
		return nil, g.err
	}
	e := g.epochs.newest()
	if e == nil {
		return nil, ErrNoKey
	}
	return e, nil
}
