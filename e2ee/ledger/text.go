package ledger

import (
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"time"

	"legroom/e2ee"
)

// limits of what a log shows, said in every report.
const cannotShow = `What no log can show
- Confirmation and membership tags need the group's secrets: only members can check them.
- Times, hashes of bundles and what was taken back rest on the word of the server that signed the lines.
- It shows to whom keys could be given, not what was done with them. Names are what browsers claimed.
- Compare the owner with the fingerprint in the room's link, and gateways with what their operators read out.
`

// WriteTo prints the report in plain words; the offline page prints the same.
func (r *Report) WriteTo(w io.Writer) (int64, error) {
	n, err := io.WriteString(w, r.String())
	return int64(n), err
}

// String is the report in plain words.
func (r *Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Log of an end-to-end encrypted meeting in room %s\n", quoted(r.Room))
	fmt.Fprintf(&b, "Group: %s\n", grouped(r.Group[:]))
	owner, link := "unknown", "unknown"
	if r.Room != "" {
		owner, link = e2ee.OwnerFingerprint(r.Owner).String(), e2ee.OwnerFingerprint(r.Owner).Link()
	}
	fmt.Fprintf(&b, "Owner of the room, as the charter names it: %s (in links: %s)\n", owner, link)
	fmt.Fprintf(&b, "Lines signed by the server with the key: %s\n", e2ee.GatewayFingerprint(r.Server))
	state := "the meeting was still running"
	if r.Over {
		state = "the meeting is over"
	}
	fmt.Fprintf(&b, "%d lines, epochs 0 to %d, %s to %s; %s\n", r.Lines, r.Epoch, moment(r.From), moment(r.To), state)
	section(&b, "People, each with the keys of all media", r.People, r.person)
	section(&b, "Machines that could hold keys", r.Machines, r.machine)
	section(&b, "What browsers vouched for", r.Vouched, vouched)
	section(&b, "Remarks", r.Remarks, finding)
	section(&b, "Contradictions", r.Faults, finding)
	if r.More > 0 {
		fmt.Fprintf(&b, "\n%d more entries are not listed.\n", r.More)
	}
	b.WriteString("\n" + cannotShow + "\n" + r.result() + "\n")
	return b.String()
}

func (r *Report) result() string {
	switch len(r.Faults) {
	case 0:
		return "Result: everything holds."
	case 1:
		return "Result: 1 contradiction. Do not rely on this log."
	default:
		return fmt.Sprintf("Result: %d contradictions. Do not rely on this log.", len(r.Faults))
	}
}

func section[T any](b *strings.Builder, title string, list []T, text func(*T) string) {
	b.WriteString("\n" + title + "\n")
	for i := range list {
		b.WriteString("- " + text(&list[i]) + "\n")
	}
	if len(list) == 0 {
		b.WriteString("- none\n")
	}
}

func (r *Report) person(p *Person) string {
	return fmt.Sprintf("%s (%s, key %s, leaf %d): %s", quoted(p.Name), p.Kind, grouped(p.Identity[:8]), p.Leaf, r.span(&p.Span))
}

func (r *Report) machine(m *Machine) string {
	send := "may send nothing"
	if m.Speak != 0 {
		send = "may send " + m.Speak.String()
	}
	scope := "no keys"
	if m.Scope != 0 {
		scope = "keys of " + m.Scope.String()
	}
	text := fmt.Sprintf("grant %d, gateway %s: %s, %s; at most until %s; %s",
		m.N, e2ee.GatewayFingerprint(m.Gateway), scope, send, moment(int64(min(m.NotAfter, maxTime/1000))*1000), r.span(&m.Span))
	for _, l := range m.Legs {
		text += fmt.Sprintf("\n  as the gateway says: %s %d", l.Kind, l.No)
		for _, s := range []string{l.Label, l.Number} {
			if s != "" {
				text += ", " + quoted(s)
			}
		}
	}
	return text
}

func (r *Report) span(s *Span) string {
	last, to, ended := r.Epoch, "the end", ""
	if r.Stuck {
		to = "where the group could be followed"
	}
	if !s.Open {
		last, to, ended = s.Last, moment(s.To), "; "+s.Ended
	}
	epochs := fmt.Sprintf("epochs %d to %d", s.First, last)
	if s.First == last {
		epochs = fmt.Sprintf("epoch %d", last)
	}
	return fmt.Sprintf("%s, %s to %s; %s%s", epochs, moment(s.From), to, s.Began, ended)
}

func vouched(v *Vouched) string {
	says := "agrees"
	if !v.Agrees {
		says = "contradicts"
	}
	return fmt.Sprintf("line %d: %s, epoch %d, %s: %s", v.Line, quoted(v.Name), v.Epoch, v.State, says)
}

func finding(f *Finding) string { return fmt.Sprintf("line %d: %s", f.Line, f.Text) }

// moment is a time to the second.
func moment(ms int64) string { return time.UnixMilli(ms).UTC().Format("2006-01-02 15:04:05 UTC") }

// grouped is hex in groups of four digits.
func grouped(b []byte) string {
	digits := hex.EncodeToString(b)
	var all []string
	for i := 0; i < len(digits); i += 4 {
		all = append(all, digits[i:min(i+4, len(digits))])
	}
	return strings.Join(all, " ")
}

// unseen are characters that would break a line, hide, or turn around what stands beside them.
var unseen = [...][2]rune{
	{0, 0x1f}, {'"', '"'}, {0x7f, 0x9f}, {0xad, 0xad}, {0x61c, 0x61c}, {0x200b, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x206f},
	{0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe007f},
}

// quoted is a text of somebody else.
func quoted(s string) string {
	return `"` + strings.Map(func(c rune) rune {
		for _, u := range unseen {
			if c >= u[0] && c <= u[1] {
				return '?'
			}
		}
		return c
	}, s) + `"`
}
