package fecc

import "time"

// What the CME says. Source: ITU-T H.224 clause 7.
const (
	clientList = 1
	extraCaps  = 2
	statement  = 0x00
	command    = 0xff
	hasExtra   = 0x80
)

// askAgain is how often the far end is asked who it is, and how many times: the first packets of a call get lost.
const (
	askAgain = 3 * time.Second
	maxAsks  = 5
)

// Exchange is the client management entity of one side: it says that camera control is here and what it can do, and learns
// the same of the far end.
type Exchange struct {
	own   Capabilities
	far   Capabilities
	here  bool // the far end has camera control
	known bool // and said what it can do
	asks  int
	next  time.Time
}

// NewExchange for a side with these cameras; none for who controls only.
func NewExchange(own Capabilities) *Exchange { return &Exchange{own: own} }

// Far tells whether the far end has camera control, and what it said it can do; before it said so, its Sources are empty.
func (e *Exchange) Far() (Capabilities, bool) { return e.far, e.here }

// Begin is what to send when the line opens: who we are, and the question who they are.
func (e *Exchange) Begin(now time.Time) []Frame {
	e.asks, e.next = 1, now.Add(askAgain)
	return e.introduce()
}

// Tick asks again while the far end has not said, and tells when to call it next; zero for never.
func (e *Exchange) Tick(now time.Time) ([]Frame, time.Time) {
	if e.known || e.asks >= maxAsks || e.next.IsZero() {
		return nil, time.Time{}
	}
	if now.Before(e.next) {
		return nil, e.next
	}
	e.asks++
	e.next = now.Add(askAgain)
	return e.introduce(), e.next
}

func (e *Exchange) introduce() []Frame {
	return append(e.list(), e.extra()...)
}

// list says that camera control is here, and asks the same.
func (e *Exchange) list() []Frame {
	return append(cmeFrames([]byte{clientList, statement, 1, byte(H281) | hasExtra}), cmeFrames([]byte{clientList, command})...)
}

// extra says what can be done, and asks the same. Our own capabilities were made to fit.
func (e *Exchange) extra() []Frame {
	return append(e.abilities(), cmeFrames([]byte{extraCaps, command, byte(H281) | hasExtra})...)
}

func (e *Exchange) abilities() []Frame {
	b, err := e.own.Append([]byte{extraCaps, statement, byte(H281) | hasExtra})
	if err != nil {
		return nil
	}
	return cmeFrames(b)
}

func cmeFrames(b []byte) []Frame {
	f, _ := Frames(CME, b)
	return f
}

// Receive takes a whole message of the CME and gives what to answer. Errors: ErrShort, ErrFormat.
func (e *Exchange) Receive(b []byte) ([]Frame, error) {
	if len(b) < 2 {
		return nil, ErrShort
	}
	switch {
	case b[0] == clientList && b[1] == command:
		return cmeFrames([]byte{clientList, statement, 1, byte(H281) | hasExtra}), nil
	case b[0] == clientList && b[1] == statement:
		return nil, e.listed(b[2:])
	case b[0] == extraCaps && b[1] == command:
		if len(b) > 2 && Client(b[2]&0x7f) == H281 {
			return e.abilities(), nil
		}
		return nil, nil
	case b[0] == extraCaps && b[1] == statement:
		if len(b) < 3 || Client(b[2]&0x7f) != H281 {
			return nil, nil
		}
		c, err := ParseCapabilities(b[3:])
		if err == nil {
			e.far, e.here, e.known = c, true, true
		}
		return nil, err
	default:
		return nil, ErrFormat
	}
}

// listed reads who is at the far end. Names of clients are one byte, or two where they are extended, or six where they are
// a maker's own.
func (e *Exchange) listed(b []byte) error {
	if len(b) == 0 {
		return ErrShort
	}
	n, found := int(b[0]), false
	for b = b[1:]; n > 0; n-- {
		size := 1
		if len(b) > 0 && Client(b[0]&0x7f) == extended {
			size = 2
		} else if len(b) > 0 && Client(b[0]&0x7f) == nonStandard {
			size = 6
		}
		if len(b) < size {
			return ErrShort
		}
		if Client(b[0]&0x7f) == H281 {
			found = true
			// Without the bit there is nothing more to learn.
			e.known = e.known || b[0]&hasExtra == 0
		}
		b = b[size:]
	}
	e.here = found
	return nil
}
