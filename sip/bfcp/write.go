package bfcp

// Append writes the message behind b. Errors: ErrTooLarge for an attribute over 255 bytes or a message over MaxPayload,
// ErrFormat for a value that is not of its type.
// Source: RFC 8855 sections 5.1 and 5.2.
func (m *Message) Append(b []byte) ([]byte, error) {
	start := len(b)
	h := m.Header
	h.Fragment, h.Words = false, 0
	b = h.append(b)
	var err error
	for _, a := range m.Attributes {
		if b, err = a.append(b); err != nil {
			return b[:start], err
		}
	}
	n := len(b) - start - HeaderLen
	if n > MaxPayload {
		return b[:start], ErrTooLarge
	}
	b[start+2], b[start+3] = byte(n/4>>8), byte(n/4)
	return b, nil
}

// append writes the attribute and its padding. The length of a group counts the padding of what is in it, that of another
// attribute counts none.
func (a Attribute) append(b []byte) ([]byte, error) {
	if length, exact := a.Type.size(); len(a.Value) < length || exact && len(a.Value) != length || len(a.Group) > 0 && !a.Type.grouped() || a.Type > 127 {
		return b, ErrFormat
	}
	start := len(b)
	first := byte(a.Type) << 1
	if a.Mandatory {
		first |= 1
	}
	b = append(b, first, 0)
	b = append(b, a.Value...)
	var err error
	for _, in := range a.Group {
		if b, err = in.append(b); err != nil {
			return b, err
		}
	}
	n := len(b) - start
	if n > 255 {
		return b, ErrTooLarge
	}
	b[start+1] = byte(n)
	for len(b)-start < padded(n) {
		b = append(b, 0)
	}
	return b, nil
}
