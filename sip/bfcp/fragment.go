package bfcp

import "bytes"

// Split cuts a whole message into datagrams of at most size bytes; one that fits is given back as it is.
// Shape: each fragment has the header of the message with the F bit, and the length of the whole in Payload Length.
// Source: RFC 8855 section 6.2.3.
func Split(b []byte, size int) [][]byte {
	h, n, err := ParseHeader(b)
	each := (size - HeaderLen - 4) / 4 * 4
	if err != nil || len(b) <= size || each <= 0 {
		return [][]byte{b}
	}
	var out [][]byte
	for at := n; at < len(b); at += each {
		part := b[at:min(at+each, len(b))]
		h.Fragment, h.Offset, h.Length = true, uint16((at-n)/4), uint16(len(part)/4)
		out = append(out, append(h.append(make([]byte, 0, HeaderLen+4+len(part))), part...))
	}
	return out
}

// Assembly puts fragments together. It holds one message at a time: a peer has one request outstanding (RFC 8855 section
// 8), so a fragment of another message means that the first is given up.
// Memory: MaxPayload bytes. Not for concurrent use. The zero value is ready.
type Assembly struct {
	head   Header
	buf    []byte
	filled [MaxPayload / 4]bool
	words  int
}

// Add takes a datagram and gives the whole message when it is there; a datagram that is no fragment is given back as it
// is. Owner: the message is lent until the next call. Errors: ErrShort, ErrFormat, ErrTooLarge; the datagram is then of no
// use.
func (a *Assembly) Add(b []byte) ([]byte, error) {
	h, n, err := ParseHeader(b)
	if err != nil {
		return nil, err
	}
	if !h.Fragment {
		return b, nil
	}
	body := b[n:]
	switch {
	case 4*int(h.Words) > MaxPayload:
		return nil, ErrTooLarge
	case len(body) != 4*int(h.Length) || h.Length == 0 || int(h.Offset)+int(h.Length) > int(h.Words):
		a.forget() // "that exceed the Payload Length": the whole message goes
		return nil, ErrFormat
	}
	key := h
	key.Fragment, key.Offset, key.Length = false, 0, 0
	if a.buf == nil || a.head != key {
		a.forget()
		a.head, a.buf = key, append(key.append(a.buf[:0]), make([]byte, 4*int(h.Words))...)
	}
	at := HeaderLen + 4*int(h.Offset)
	copy(a.buf[at:], body)
	for i := int(h.Offset); i < int(h.Offset)+int(h.Length); i++ {
		if !a.filled[i] {
			a.filled[i] = true
			a.words++
		}
	}
	if a.words < int(h.Words) {
		return nil, nil
	}
	whole := bytes.Clone(a.buf)
	a.forget()
	return whole, nil
}

// forget drops what is there.
func (a *Assembly) forget() { *a = Assembly{} }
