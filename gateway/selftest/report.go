package selftest

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"legroom/gateway/api"
)

// Report is the judgement of a look at a room.
type Report struct {
	// Tap that was judged.
	Tap *api.Tap
	// Findings, one a stream.
	Findings []Finding
}

// Outcome of a Report.
type Outcome uint8

// Outcomes. The zero value is that nothing can be said.
const (
	NothingToJudge Outcome = iota
	AllSealed
	NotSealed
)

// NewReport judges a look.
func NewReport(t *api.Tap, decoders Decoders) *Report {
	return &Report{Tap: t, Findings: Judge(t, decoders)}
}

// Outcome in one word. One stream that is not sealed counts more than all that are.
func (r *Report) Outcome() Outcome {
	if r.Tap.Mode == openRoom {
		return NotSealed
	}
	out := NothingToJudge
	for _, f := range r.Findings {
		switch f.Verdict {
		case Exposed:
			return NotSealed
		case Sealed:
			out = AllSealed
		}
	}
	return out
}

const openRoom = "open"

// WriteTo prints the table, a line for each stream, and what it means.
func (r *Report) WriteTo(w io.Writer) (int64, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "Room %s, mode %s, looked at for %.0f s. Names of people are not known here: legs go by their id.\n\n",
		r.Tap.Room, r.Tap.Mode, r.Tap.Seconds)
	if r.Tap.Mode == openRoom {
		b.WriteString("This room is open: its media is protected on the way to the gateway and from it, and the gateway reads all of it.\n" +
			"Set the room's mode to mixed or sealed for end-to-end encryption.\n")
		return write(w, &b)
	}
	r.table(&b)
	for _, f := range r.Findings {
		for _, note := range f.Notes {
			fmt.Fprintf(&b, "    %s %s: %s\n", f.Stream.Participant, f.Stream.Source, note)
		}
	}
	b.WriteString("\n" + r.conclusion())
	return write(w, &b)
}

// table has a line for each stream. Writing into memory does not fail.
func (r *Report) table(b *strings.Builder) {
	if len(r.Findings) == 0 {
		return
	}
	w := tabwriter.NewWriter(b, 0, 4, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "LEG\tSTREAM\tSENDER\tAT THIS GATEWAY\tFORWARDED")
	for _, f := range r.Findings {
		s := f.Stream
		_, _ = fmt.Fprintf(w, "%s %s\t%s %s\t%s\t%s\t%s\n", s.Kind, s.Participant, s.Source, s.Codec, senderText(s.Sender), here(s), f.Why)
	}
	_ = w.Flush()
}

func write(w io.Writer, b *strings.Builder) (int64, error) {
	n, err := io.WriteString(w, b.String())
	return int64(n), err
}

func (r *Report) conclusion() string {
	switch r.Outcome() {
	case AllSealed:
		return "Everything that was judged is sealed. That a stream is sealed does not say who holds its keys: compare codes in the\n" +
			"browsers for that. Telephones are clear at this gateway, and it hears what the hosts granted it.\n"
	case NotSealed:
		return "SOMETHING THAT SHOULD BE SEALED IS NOT. Leave the room, and tell whoever runs the gateway.\n"
	default:
		return "There was no traffic to judge. Join the room with two browsers, have them let in, turn a microphone or a camera on,\n" +
			"speak, and try again while you do.\n"
	}
}

// here is what the gateway itself can do with a stream.
func here(s api.TapStream) string {
	switch {
	case s.InClear && s.Sender != nil && s.Sender.Grant != nil && s.Sender.Line != nil:
		return fmt.Sprintf("clear, granted as grant %d line %d", *s.Sender.Grant, *s.Sender.Line)
	case s.InClear:
		return "clear, not granted"
	case s.Opened:
		return "opened for telephones, by grant"
	default:
		return "not opened"
	}
}

func senderText(s *api.TapSender) string {
	switch {
	case s == nil:
		return "none"
	case s.Leaf != nil:
		return fmt.Sprintf("leaf %d", *s.Leaf)
	case s.Grant != nil && s.Line != nil:
		return fmt.Sprintf("grant %d line %d", *s.Grant, *s.Line)
	default:
		return "none"
	}
}
