package fecc

import "time"

// Verb is the kind of an H.281 message. Source: ITU-T H.281 table 1.
type Verb uint8

// Verbs.
const (
	Start         Verb = 1
	Continue      Verb = 2
	Stop          Verb = 3
	SelectSource  Verb = 4
	SourceIs      Verb = 5
	StorePreset   Verb = 7
	RecallPreset  Verb = 8
	timeoutStep        = 50 * time.Millisecond
	maxTimeoutBit      = 15
)

// Mode of a video source. Source: ITU-T H.281 clause 4.5.
type Mode uint8

// Modes.
const (
	Motion      Mode = 0
	NormalStill Mode = 1
	DoubleStill Mode = 2
)

// Message is one H.281 message.
type Message struct {
	Verb Verb
	// Action of Start, Continue and Stop.
	Action Action
	// Timeout of Start: the action ends after it unless it is continued. A multiple of 50 ms from 50 to 750 ms, or
	// DefaultTimeout.
	Timeout time.Duration
	// Number of a source or preset, 0 to 15.
	Number uint8
	// Mode of a source.
	Mode Mode
}

// ParseMessage reads an H.281 message. Errors: ErrShort, ErrFormat.
func ParseMessage(b []byte) (Message, error) {
	if len(b) < 2 {
		return Message{}, ErrShort
	}
	m := Message{Verb: Verb(b[0])}
	switch m.Verb {
	case Start:
		m.Timeout = DefaultTimeout
		if len(b) < 3 {
			return Message{}, ErrShort
		}
		if n := b[2] & 0x0f; n != 0 {
			m.Timeout = time.Duration(n) * timeoutStep
		}
		m.Action = actionOf(b[1])
	case Continue, Stop:
		m.Action = actionOf(b[1])
	case SelectSource, SourceIs:
		m.Number, m.Mode = b[1]>>4, Mode(b[1]&3)
	case StorePreset, RecallPreset:
		m.Number = b[1] >> 4
	default:
		return Message{}, ErrFormat
	}
	return m, nil
}

// Append writes the message behind b. Errors: ErrFormat for what is out of range.
func (m Message) Append(b []byte) ([]byte, error) {
	if m.Number > 15 || m.Mode > DoubleStill+1 {
		return b, ErrFormat
	}
	switch m.Verb {
	case Start:
		n := m.Timeout / timeoutStep
		if m.Timeout == DefaultTimeout {
			n = 0
		} else if n < 1 || n > maxTimeoutBit {
			return b, ErrFormat
		}
		return append(b, byte(Start), m.Action.octet(), byte(n)), nil
	case Continue, Stop:
		return append(b, byte(m.Verb), m.Action.octet()), nil
	case SelectSource, SourceIs:
		return append(b, byte(m.Verb), m.Number<<4|byte(m.Mode)), nil
	case StorePreset, RecallPreset:
		return append(b, byte(m.Verb), m.Number<<4), nil
	default:
		return b, ErrFormat
	}
}

// frame is the message in the one frame it fits. What we make is in range.
func (m Message) frame() Frame {
	b, _ := m.Append(nil)
	return Frame{High: true, Client: H281, Begin: true, End: true, Data: b}
}
