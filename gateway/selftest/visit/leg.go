package visit

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"legroom/e2ee"
	"legroom/gateway/api"
	"legroom/gateway/selftest"
)

// Leg is one thing that somebody sends, and what was found out about it.
type Leg struct {
	selftest.Finding
	// Name of who sends it: by the group where its frames open, else as the gateway says.
	Name string
	// Opened counts the payloads that opened with the meeting's key as that sender's, Before those from before the visitor
	// came, Failed the others.
	Opened, Before, Failed uint64
	// Header of the frames, in words, and ClearTo who can hear or see it.
	Header, ClearTo string
}

// legs judges all streams, and names those in the room of whom nothing came.
func legs(c *capture, r *Report, self string, decoders selftest.Decoders) []Leg {
	all := c.all()
	t := &api.Tap{}
	for _, s := range all {
		t.Streams = append(t.Streams, s.notes.Stream())
	}
	var out []Leg
	heard := make(map[string]bool)
	for i, f := range selftest.Judge(t, decoders) {
		s := all[i]
		l := Leg{Finding: f, Name: printable(s.name), Opened: s.opened, Before: s.before, Failed: s.failed, Header: s.header()}
		heard[s.sender+f.Stream.Source] = true
		if r.Group != nil {
			l.judge(s, r.Grants)
		} else {
			l.Verdict, l.Why, l.Notes, l.ClearTo = selftest.Exposed, "IN CLEAR: this room is open", nil, "everybody, the gateway"
		}
		out = append(out, l)
	}
	for _, p := range c.present() {
		for _, source := range p.Sources {
			if p.ID != self && !heard[senderOf(p)+string(source)] {
				quiet := api.TapStream{Participant: p.ID, Kind: string(p.Kind), Source: printable(string(source))}
				out = append(out, Leg{Finding: selftest.Finding{Stream: quiet, Why: "nothing came"}, Name: printable(p.Name), Header: "-", ClearTo: "-"})
			}
		}
	}
	return out
}

// judge adds to what shows without a key what the key has shown.
func (l *Leg) judge(s *stream, grants []e2ee.GrantEntry) {
	l.ClearTo = clearTo(l.Stream, s, grants)
	total := l.Opened + l.Failed
	switch {
	case l.Stream.Sealed < l.Stream.Payloads:
		l.Verdict, l.Notes = selftest.Exposed, nil
		l.Why = fmt.Sprintf("IN CLEAR, or another's: %d of %d payloads", l.Failed, total)
	case l.Failed > 0: // they bear the header of a sealed one; plain sound may do so by chance
		l.Verdict, l.Notes = selftest.Exposed, nil
		l.Why = fmt.Sprintf("NOT WITH THE MEETING'S KEY: %d of %d payloads (%v)", l.Failed, total, s.why)
	case l.Verdict == selftest.Exposed:
	case total == 0 && l.Before > 0:
		l.Why = fmt.Sprintf("only %d payloads from before this test was let in, which it has no key of", l.Before)
	case l.Verdict == selftest.Sealed:
		l.Why = fmt.Sprintf("ciphertext; all %d open with the meeting's key", l.Opened)
	}
}

// clearTo says who else can open a stream.
func clearTo(s api.TapStream, of *stream, grants []e2ee.GrantEntry) string {
	if s.Sender != nil && s.Sender.Grant != nil {
		return "members; clear at the gateway (grant " + fmt.Sprint(*s.Sender.Grant) + ")"
	}
	var by []string
	for _, g := range grants {
		if g.Scope.Has(of.kind) {
			by = append(by, fmt.Sprintf("%d", g.N))
		}
	}
	if len(by) == 0 {
		return "members only"
	}
	return "members, and the gateway (grant " + strings.Join(by, ", ") + ")"
}

func senderOf(p api.Participant) string {
	about := &api.TapSender{Leaf: p.Leaf, Grant: p.Grant, Line: p.Line}
	return senderText(about, p.ID)
}

// present are those in the room, in a lasting order.
func (c *capture) present() []api.Participant {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []api.Participant
	for _, p := range c.people {
		if p.State == api.StateJoined {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b api.Participant) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

// scopeText of a grant.
func scopeText(s e2ee.Scope) string {
	if s == 0 {
		return "nothing"
	}
	return s.String()
}
