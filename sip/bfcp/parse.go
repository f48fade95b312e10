package bfcp

// maxDepth of groups: FLOOR-REQUEST-INFORMATION holds groups, and those hold none.
const maxDepth = 2

// Parse reads one whole message.
// Owner: the message points into b. Errors: ErrShort, or a MessageError with what to answer: then the header is there.
// Source: RFC 8855 sections 5.1 and 5.2.
func Parse(b []byte) (*Message, error) {
	h, n, err := ParseHeader(b)
	if err != nil {
		return nil, err
	}
	m := &Message{Header: h}
	switch {
	case h.Fragment:
		return m, &MessageError{Code: Unparsable}
	case h.Version != Reliable && h.Version != Unreliable:
		return m, &MessageError{Code: UnsupportedVersion}
	case len(b) != n+4*int(h.Words) || len(b)-n > MaxPayload:
		return m, &MessageError{Code: WrongLength}
	case !h.Primitive.known():
		return m, &MessageError{Code: UnknownPrimitive}
	}
	p := parser{}
	if m.Attributes, err = p.list(b[n:], 0); err != nil {
		return m, &MessageError{Code: Unparsable}
	}
	if len(p.unknown) > 0 {
		return m, &MessageError{Code: UnknownMandatoryAttribute, Unknown: p.unknown}
	}
	return m, nil
}

type parser struct{ unknown []AttributeType }

// list reads attributes to the end of b.
func (p *parser) list(b []byte, depth int) ([]Attribute, error) {
	var out []Attribute
	for len(b) > 0 {
		if len(b) < 2 || b[1] < 2 || int(b[1]) > len(b) {
			return nil, ErrFormat
		}
		a, err := p.one(b[:b[1]], depth)
		if err != nil {
			return nil, err
		}
		out = append(out, a)
		b = b[min(padded(int(b[1])), len(b)):] // the padding of the last one in a group may be cut off
	}
	return out, nil
}

func (p *parser) one(b []byte, depth int) (Attribute, error) {
	a := Attribute{Type: AttributeType(b[0] >> 1), Mandatory: b[0]&1 != 0, Value: b[2:]}
	length, exact := a.Type.size()
	switch {
	case len(a.Value) < length, exact && !a.Type.grouped() && len(a.Value) != length:
		return a, ErrFormat
	case a.Type.grouped():
		if depth >= maxDepth {
			return a, ErrFormat
		}
		group, err := p.list(a.Value[length:], depth+1)
		a.Value, a.Group = a.Value[:length], group
		return a, err
	case !a.Type.known() && a.Mandatory && len(p.unknown) < 16:
		p.unknown = append(p.unknown, a.Type)
	}
	return a, nil
}

// padded is the next multiple of four.
func padded(n int) int { return (n + 3) &^ 3 }
