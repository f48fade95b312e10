package sdp

import "strings"

// Direction of a stream, seen from whoever describes it.
type Direction uint8

// Directions. The zero value is SendRecv, the default of RFC 8866 section 6.7.
const (
	SendRecv Direction = iota
	SendOnly
	RecvOnly
	Inactive
)

// String is the attribute.
func (d Direction) String() string {
	switch d {
	case SendOnly:
		return "sendonly"
	case RecvOnly:
		return "recvonly"
	case Inactive:
		return "inactive"
	default:
		return "sendrecv"
	}
}

// Sends tells whether media goes out.
func (d Direction) Sends() bool { return d == SendRecv || d == SendOnly }

// Receives tells whether media comes in.
func (d Direction) Receives() bool { return d == SendRecv || d == RecvOnly }

// Reverse is the same stream seen from the other side.
func (d Direction) Reverse() Direction { return direction(d.Receives(), d.Sends()) }

// And is what both allow.
func (d Direction) And(o Direction) Direction {
	return direction(d.Sends() && o.Sends(), d.Receives() && o.Receives())
}

func direction(sends, receives bool) Direction {
	switch {
	case sends && receives:
		return SendRecv
	case sends:
		return SendOnly
	case receives:
		return RecvOnly
	default:
		return Inactive
	}
}

// Direction of the line, from its own attributes or else from the session's.
func (m *MediaDescription) Direction() Direction {
	if d, ok := findDirection(m.Attributes); ok {
		return d
	}
	d, _ := findDirection(m.session)
	return d
}

func findDirection(list []Attribute) (Direction, bool) {
	for _, a := range list {
		for d := SendRecv; d <= Inactive; d++ {
			if strings.EqualFold(a.Key, d.String()) {
				return d, true
			}
		}
	}
	return SendRecv, false
}
