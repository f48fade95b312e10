package fecc

// Assembly puts the segments of a client's messages together. A segment that is missing or out of order ends the message:
// it was sent to be heard at once or not at all.
// Memory: MaxMessage bytes. The zero value is ready.
type Assembly struct {
	client Client
	open   bool
	next   uint8
	buf    []byte
}

// Add takes a frame and gives the whole message, when it is there. Owner: the message is lent until the next call.
func (a *Assembly) Add(f Frame) ([]byte, bool) {
	switch {
	case f.Begin && f.End:
		a.open = false
		return f.Data, true
	case f.Begin:
		a.client, a.open, a.buf = f.Client, true, append(a.buf[:0], f.Data...)
		a.next = (f.Segment + 1) & 15
		return nil, false
	case !a.open || a.client != f.Client || a.next != f.Segment || len(a.buf)+len(f.Data) > MaxMessage:
		a.open = false
		return nil, false
	}
	a.buf = append(a.buf, f.Data...)
	a.next = (f.Segment + 1) & 15
	a.open = !f.End
	return a.buf, f.End
}
