package fecc

import "encoding/binary"

// Client is what a frame is for. Source: ITU-T H.224 table 1.
type Client uint8

// Clients.
const (
	// CME is the client management entity, which tells who else is there.
	CME Client = 0
	// H281 is camera control.
	H281 Client = 1
	// extended and nonStandard clients have longer names, and are not ours.
	extended    Client = 0x7e
	nonStandard Client = 0x7f
)

// Lengths of the headers, bytes.
const (
	q922Len   = 3
	headerLen = q922Len + 6
)

// Frame is one H.224 frame.
//
//	 0      1      2      3       5       7        8
//	+------+------+------+-------+-------+--------+------------------+------
//	| 0x00 | 0x71 | 0x03 |  to   | from  | client | B E C1 C0 number | data
//	+------+------+------+-------+-------+--------+------------------+------
//
// The first three are the Q.922 address of low (0x61) or high (0x71) priority and "unnumbered information".
// Source: ITU-T H.224 clause 6.
type Frame struct {
	// High priority, which camera control has.
	High bool
	// To and From are terminals; 0 is everybody, as in a call of two.
	To, From uint16
	// Client the data is for.
	Client Client
	// Begin and End tell the first and last segment of a message; both for one that is whole.
	Begin, End bool
	// C1 and C0 are the client's own bits.
	C1, C0 bool
	// Segment counts the segments of a message, 0 to 15.
	Segment uint8
	// Data of the client.
	Data []byte
}

// ParseFrame reads the payload of an RTP packet. Owner: Data points into b. Errors: ErrShort, ErrFormat, ErrTooLarge.
func ParseFrame(b []byte) (Frame, error) {
	switch {
	case len(b) < headerLen:
		return Frame{}, ErrShort
	case len(b) > headerLen+MaxData:
		return Frame{}, ErrTooLarge
	case b[0] != 0 || b[1] != 0x61 && b[1] != 0x71 || b[2] != 3:
		return Frame{}, ErrFormat
	}
	last := b[8]
	return Frame{
		High: b[1] == 0x71, To: binary.BigEndian.Uint16(b[3:]), From: binary.BigEndian.Uint16(b[5:]), Client: Client(b[7] & 0x7f),
		Begin: last&0x80 != 0, End: last&0x40 != 0, C1: last&0x20 != 0, C0: last&0x10 != 0, Segment: last & 0x0f, Data: b[headerLen:],
	}, nil
}

// Append writes the frame behind b. Errors: ErrTooLarge, ErrFormat for a client or segment that is out of range.
func (f Frame) Append(b []byte) ([]byte, error) {
	switch {
	case len(f.Data) > MaxData:
		return b, ErrTooLarge
	case f.Client > nonStandard || f.Segment > 15:
		return b, ErrFormat
	}
	address := byte(0x61)
	if f.High {
		address = 0x71
	}
	b = append(b, 0, address, 3)
	b = binary.BigEndian.AppendUint16(b, f.To)
	b = binary.BigEndian.AppendUint16(b, f.From)
	last := f.Segment
	for i, set := range [...]bool{f.Begin, f.End, f.C1, f.C0} {
		if set {
			last |= 0x80 >> i
		}
	}
	b = append(b, byte(f.Client), last)
	return append(b, f.Data...), nil
}

// Frames puts a message of a client into frames of high priority. Errors: ErrTooLarge.
func Frames(c Client, message []byte) ([]Frame, error) {
	if len(message) > MaxMessage {
		return nil, ErrTooLarge
	}
	var out []Frame
	for first := true; first || len(message) > 0; first = false {
		n := min(len(message), MaxData)
		out = append(out, Frame{High: true, Client: c, Begin: first, End: n == len(message), Segment: uint8(len(out) & 15), Data: message[:n]})
		message = message[n:]
	}
	return out, nil
}
