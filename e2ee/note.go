package e2ee

import "time"

// codeDigits is the length of a code that people compare.
const codeDigits = 8

const (
	labelNote    label = "legroom/1 note"
	labelNoteSig label = "legroom/1 note sig"
)

// Note is the code that members compared last, for who asks by telephone. It travels sealed and signed as a bundle does, in a
// SealedBundle of an epoch that the grant has had the keys of, with the labels "legroom/1 note" (for info) and "legroom/1 note
// sig". It proves nothing against whoever runs the gateway.
type Note struct {
	// Version is 1.
	Version uint8 `cbor:"v"`
	// Code is eight digits.
	Code string `cbor:"code"`
	// At is when it was compared, by the clock of the host that sealed it.
	At Seconds `cbor:"at"`
}

// Note opens a note for this grant, which a host sealed whom the policy leads to the owner of the gateway's configuration.
// Errors: those of Take, apart from a fork, which only a bundle proves; ErrStale for a history that the grant does not follow.
func (g *Grant) Note(sealed []byte, p *Policy) (*Note, error) {
	s, info, err := g.judge(sealed, p, labelNote, labelNoteSig)
	if err != nil {
		return nil, err
	}
	g.mu.RLock()
	defer g.mu.RUnlock()
	if g.err != nil {
		return nil, g.err
	}
	if !g.epochs.knows(s.Epoch, s.Transcript) {
		return nil, ErrStale
	}
	clear, err := s.decrypt(g.private, info)
	if err != nil {
		return nil, err
	}
	n := new(Note)
	if err := decode("note", clear, n); err != nil {
		return nil, err
	}
	switch {
	case n.Version != version:
		return nil, &InvalidError{"note", "version"}
	case !isCode(n.Code):
		return nil, &InvalidError{"note", "code"}
	case n.At > SecondsOf(time.Now().Add(clockSkew)):
		return nil, &InvalidError{"note", "time"}
	}
	return n, nil
}

func isCode(s string) bool {
	for _, r := range s {
		if r < '0' || r > '9' {
			return false
		}
	}
	return len(s) == codeDigits
}
