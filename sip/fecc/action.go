package fecc

// Way is how one thing of a camera moves.
type Way uint8

// Ways. Pan: Less is left, More right. Tilt: down, up. Zoom and focus: out, in.
const (
	Still Way = iota
	Less
	More
)

// bits of a way: whether it moves, and where to.
func (w Way) bits() byte {
	switch w {
	case Less:
		return 2
	case More:
		return 3
	default:
		return 0
	}
}

func wayOf(bits byte) Way {
	switch bits & 3 {
	case 2:
		return Less
	case 3:
		return More
	default:
		return Still
	}
}

// Action is how a camera moves. Source: ITU-T H.281 clause 4.2.
type Action struct {
	Pan, Tilt, Zoom, Focus Way
}

// Still tells that nothing moves.
func (a Action) Still() bool { return a == Action{} }

// octet is |P|L/R|T|D/U|Z|O/I|F|O/I|.
func (a Action) octet() byte {
	return a.Pan.bits()<<6 | a.Tilt.bits()<<4 | a.Zoom.bits()<<2 | a.Focus.bits()
}

func actionOf(b byte) Action {
	return Action{Pan: wayOf(b >> 6), Tilt: wayOf(b >> 4), Zoom: wayOf(b >> 2), Focus: wayOf(b)}
}

// Only leaves what a camera can do.
func (a Action) Only(c Source) Action {
	for _, one := range []struct {
		way *Way
		can bool
	}{{&a.Pan, c.Pan}, {&a.Tilt, c.Tilt}, {&a.Zoom, c.Zoom}, {&a.Focus, c.Focus}} {
		if !one.can {
			*one.way = Still
		}
	}
	return a
}
