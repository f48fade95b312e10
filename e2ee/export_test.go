package e2ee

// AskWith is Ask with an id and a key that a test knows.
func (i *Identity) AskWith(a Ask, id [16]byte, private []byte) (*LiveRequest, error) {
	k, err := suiteKEM().NewPrivateKey(private)
	if err != nil {
		return nil, err
	}
	return i.ask(a, id, k)
}

// Spelling decodes what a test gives and encodes it again, as the fixtures' keys of the table below name it.
func Spelling(what string, b []byte) error {
	switch what {
	case "policy":
		_, err := DecodePolicy(b)
		return err
	case "request":
		_, err := DecodeRequest(b)
		return err
	case "credential":
		_, err := DecodeCredential(b)
		return err
	case "sealed":
		_, err := DecodeBundle(b)
		return err
	default:
		return decode(what, b, new(bundle))
	}
}

// Keys gives what reads the base keys of the newest epoch where they lie.
func (g *Grant) Keys() (read func() []byte) {
	e := g.epochs.newest()
	return func() []byte {
		g.mu.RLock()
		defer g.mu.RUnlock()
		var all []byte
		for k := range e.open {
			all = append(append(all, e.open[k][:]...), e.seal[k][:]...)
		}
		return all
	}
}
