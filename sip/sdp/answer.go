package sdp

import (
	"errors"
	"slices"
	"strconv"

	"legroom/media"
)

// Answer decides on an offer. Every media line is answered in place.
// Errors: a RefusedError when no stream comes of it; the Negotiation is there even then, with the reason of every line and
// a Local that refuses them all.
// Source: RFC 3264 section 6.
func Answer(offer *Description, caps Capabilities) (*Negotiation, error) {
	n := newNegotiator(caps, len(offer.Media))
	local := n.head()
	local.Media = make([]MediaDescription, len(offer.Media))
	for i := range offer.Media {
		local.Media[i] = refused(&offer.Media[i])
	}
	n.session(offer)
	n.contents = contents(offer)
	for _, i := range n.order(offer) {
		if offer.Media[i].Protocol.Floor() {
			n.answerFloor(i, &offer.Media[i], &local.Media[i])
			continue
		}
		if t, ok := n.line(i, &offer.Media[i]); ok {
			t.agreed.Session = offer.Origin.SessionID + " " + offer.Origin.Version
			local.Media[i] = t.describe(offer.Media[i].Media, offer.Media[i].Protocol, []Format{t.answered()})
			n.agreed = append(n.agreed, t.agreed)
		}
	}
	return n.finish(local)
}

// negotiator collects what becomes of each line.
type negotiator struct {
	caps   Capabilities
	used   []bool     // of caps.Media
	why    [][]Reason // by media line; the session's are at the end
	agreed []Agreed
	floors *AgreedFloor
	// contents of the lines of an offer
	contents []Content
	cause    error // the best reason for having no media so far
	at       int   // its line
}

func newNegotiator(caps Capabilities, lines int) *negotiator {
	return &negotiator{caps: caps, used: make([]bool, len(caps.Media)), why: make([][]Reason, lines+1), cause: ErrNoMedia, at: -1}
}

// order gives the line indexes, those that carry something now first: a session keeps its lines (RFC 3264 section 8).
func (n *negotiator) order(offer *Description) []int {
	var out []int
	if n.caps.Previous != nil {
		for _, a := range n.caps.Previous.Media {
			if a.Index < len(offer.Media) {
				out = append(out, a.Index)
			}
		}
	}
	for i := range offer.Media {
		if !slices.Contains(out, i) {
			out = append(out, i)
		}
	}
	return out
}

// line decides on one line of an offer.
func (n *negotiator) line(i int, m *MediaDescription) (*taken, bool) {
	local, err := n.local(i, m)
	if err == nil {
		var t *taken
		if t, err = n.take(i, m, &n.caps.Media[local]); err == nil {
			n.used[local] = true
			n.verdict(i, m.line(), true, t.words())
			return t, true
		}
	}
	n.verdict(i, m.line(), false, err.Error())
	n.blame(i, m, err)
	return nil, false
}

// answerFloor decides on a line of floor control, and writes ours.
func (n *negotiator) answerFloor(i int, m, ours *MediaDescription) {
	a, line, err := n.floor(i, m)
	if err != nil {
		n.verdict(i, m.line(), false, err.Error())
		return
	}
	n.floors, *ours = a, line
	n.verdict(i, m.line(), true, a.words())
}

// local finds the local end for a line.
func (n *negotiator) local(line int, m *MediaDescription) (int, error) {
	if m.Port == 0 {
		return 0, errPortZero
	}
	err := errNotHere
	for i, l := range n.caps.Media {
		if l.Kind != m.Kind() || l.Kind == media.KindUnknown {
			continue
		}
		if !n.used[i] && l.carries(n.contents[line]) {
			return i, nil
		}
		err = errSecondLine
	}
	return 0, err
}

// Reasons that are no error of the call.
var (
	errPortZero   = errors.New("refused: the peer itself has closed this line (port 0)")
	errNotHere    = errors.New("refused: this kind of stream is not taken on calls here")
	errSecondLine = errors.New("refused: one line of this kind is enough, and the first that can be used was taken")
)

// blame keeps the error that tells most: the later in this list, the nearer the line was to being taken.
func (n *negotiator) blame(i int, m *MediaDescription, err error) {
	rank := []error{ErrNoMedia, ErrProtocol, ErrAddressFamily, ErrNoCommonCodec, ErrSRTPRefused, ErrSRTPRequired}
	at := func(e error) int {
		return slices.IndexFunc(rank, func(r error) bool { return errors.Is(e, r) })
	}
	if m.Kind() != media.Audio || at(err) <= at(n.cause) {
		return
	}
	n.cause, n.at = rank[at(err)], i
}

func (n *negotiator) tell(line int, subject string, taken bool, text string) {
	slot := line
	if line < 0 {
		slot = len(n.why) - 1
	}
	n.why[slot] = append(n.why[slot], newReason(line, subject, taken, text))
}

// verdict is what became of the line itself; it comes before what is told of its parts.
func (n *negotiator) verdict(line int, subject string, taken bool, text string) {
	n.why[line] = slices.Insert(n.why[line], 0, newReason(line, subject, taken, text))
}

// previous is what line i carried before.
func (n *negotiator) previous(i int) (Agreed, bool) {
	if n.caps.Previous != nil {
		for _, a := range n.caps.Previous.Media {
			if a.Index == i {
				return a, true
			}
		}
	}
	return Agreed{}, false
}

// finish numbers the version and puts everything in order.
func (n *negotiator) finish(local *Description) (*Negotiation, error) {
	slices.SortFunc(n.agreed, func(a, b Agreed) int { return a.Index - b.Index })
	if n.floors != nil && len(n.agreed) == 0 { // a floor of nothing
		local.Media[n.floors.Index] = refused(&local.Media[n.floors.Index])
		n.floors = nil
	}
	out := &Negotiation{Local: local, Media: n.agreed, Floor: n.floors, Why: slices.Concat(n.why...)}
	out.Changed = n.version(local)
	if len(out.Media) == 0 {
		return out, &RefusedError{Cause: n.cause, Index: n.at}
	}
	return out, nil
}

// head is the session part of our descriptions.
func (n *negotiator) head() *Description {
	addr := n.caps.Address
	return &Description{
		Origin:     Origin{User: "-", SessionID: strconv.FormatUint(n.caps.SessionID, 10), Version: "1", Address: addr.String()},
		Name:       "-",
		Connection: Connection{Host: addr.String(), Addr: addr},
	}
}

// version continues that of the previous description: the same when nothing else differs, one more when something does
// (RFC 3264 section 8).
func (n *negotiator) version(d *Description) (changed bool) {
	if n.caps.Previous == nil || n.caps.Previous.Local == nil {
		return true
	}
	before := n.caps.Previous.Local
	d.Origin.SessionID, d.Origin.Version = before.Origin.SessionID, before.Origin.Version
	if string(d.Bytes()) == string(before.Bytes()) {
		return false
	}
	v, _ := strconv.ParseUint(before.Origin.Version, 10, 64)
	d.Origin.Version = strconv.FormatUint(v+1, 10)
	return true
}

// refused is a line with port 0. It needs a format list, whatever the offer had (RFC 3264 section 6).
func refused(m *MediaDescription) MediaDescription {
	formats := m.Formats
	if len(formats) == 0 {
		formats = []string{"*"}
	}
	return MediaDescription{Media: m.Media, Protocol: m.Protocol, Formats: formats}
}

// session tells of what concerns all lines.
func (n *negotiator) session(offer *Description) {
	if v, ok := find(offer.Attributes, "group"); ok {
		n.tell(-1, "a=group:"+v, false, "left out: each line keeps its own port")
	}
	for i := range offer.Media {
		if _, ok := offer.Media[i].inherited("ice-ufrag"); ok {
			n.tell(i, "a=ice-ufrag", false, "left out: the answer is without ICE, media goes to the address of the c= line or to where it comes from")
		}
	}
}
