package visit

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"legroom/e2ee"
	"legroom/e2ee/replay"
	"legroom/gateway/api"
	"legroom/gateway/selftest"
)

// Report is what a visit found out.
type Report struct {
	// Invitation by which it came, Name of the room as the gateway says, and its Mode: by the group where there is one.
	Invitation *Invitation
	Name       string
	Mode       api.Mode
	// Broken is what is wrong with the room as a whole, in words; empty where nothing is. Nothing was looked at then.
	Broken string
	// Group at the end of the look, who let in, the names of its Members, and the long Code of that epoch; nil and empty
	// without a group.
	Group   *replay.State
	Host    replay.Member
	Members []string
	Code    string
	// Grants that were in force at some time of the look.
	Grants []e2ee.GrantEntry
	// Legs that were seen, for how long, and whether the look ended since the meeting Moved on to keys that a visitor cannot open.
	Legs   []Leg
	Looked time.Duration
	Moved  bool
}

// noteGrants keeps those of a policy.
func (r *Report) noteGrants(p *e2ee.Policy) {
	for _, g := range p.Grants {
		if !slices.ContainsFunc(r.Grants, func(o e2ee.GrantEntry) bool { return o.N == g.N }) {
			r.Grants = append(r.Grants, g)
		}
	}
}

// Outcome in one word. One leg that is exposed counts more than all that are not.
func (r *Report) Outcome() selftest.Outcome {
	if r.Broken != "" || r.Mode == api.ModeOpen {
		return selftest.NotSealed
	}
	out := selftest.NothingToJudge
	for _, l := range r.Legs {
		switch l.Verdict {
		case selftest.Exposed:
			return selftest.NotSealed
		case selftest.Sealed:
			out = selftest.AllSealed
		}
	}
	return out
}

// WriteTo prints what was found in plain words.
func (r *Report) WriteTo(w io.Writer) (int64, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "\nRoom %s (%s), mode %s, looked at for %.0f s as a guest.\n", r.Invitation.Room, printable(r.Name), printable(string(r.Mode)), r.Looked.Seconds())
	if r.Broken != "" {
		fmt.Fprintf(&b, "\nTHIS IS NOT WHAT YOUR LINK PROMISES: %s.\nDo not join. Ask whoever gave you the link, by another way than this room.\n", r.Broken)
		n, err := io.WriteString(w, b.String())
		return int64(n), err
	}
	r.group(&b)
	r.table(&b)
	b.WriteString("\n" + r.conclusion())
	n, err := io.WriteString(w, b.String())
	return int64(n), err
}

// group says what was proven of the meeting.
func (r *Report) group(b *strings.Builder) {
	if r.Group == nil {
		return
	}
	owner := e2ee.OwnerFingerprint(r.Group.Policy.Charter.Owner)
	if r.Invitation.Link != nil {
		fmt.Fprintf(b, "Owner      %s: the one that your link names\n", owner)
	} else {
		fmt.Fprintf(b, "Owner      %s: NOT CHECKED, your link names none; ask for the one that the page hands out\n", owner)
	}
	fmt.Fprintf(b, "Let in by  %s, a host by the owner's signatures\n", printable(r.Host.Credential.Name))
	fmt.Fprintf(b, "Members    %d with the keys: %s\n", len(r.Members), strings.Join(r.Members, ", "))
	for _, g := range r.Grants {
		request, err := e2ee.DecodeRequest(g.Request)
		if err != nil {
			continue // replay has read it
		}
		fmt.Fprintf(b, "Grant %-4d the telephone system %s can open: %s; lines that it names: %d\n", g.N, e2ee.GatewayFingerprint(request.Gateway), scopeText(g.Scope), len(request.Legs))
	}
	fmt.Fprintf(b, "Code #%-4d %s\n           Compare it with the page of somebody inside, until somebody comes or goes.\n", r.Group.Epoch, r.Code)
}

// table has a line for each leg. Writing into memory does not fail.
func (r *Report) table(b *strings.Builder) {
	if len(r.Legs) == 0 {
		return
	}
	b.WriteString("\n")
	w := tabwriter.NewWriter(b, 0, 4, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "LEG\tSTREAM\tPACKETS\tHEADER\tPAYLOAD\tCLEAR TO")
	for _, l := range r.Legs {
		s := l.Stream
		_, _ = fmt.Fprintf(w, "%s (%s)\t%s %s\t%d\t%s\t%s\t%s\n", l.Name, kindText(s.Kind), s.Source, s.Codec, s.Packets, l.Header, l.Why, l.ClearTo)
	}
	_ = w.Flush()
	for _, l := range r.Legs {
		for _, note := range l.Notes {
			fmt.Fprintf(b, "    %s %s: %s\n", l.Name, l.Stream.Source, note)
		}
	}
}

func kindText(kind string) string {
	switch kind {
	case string(api.KindPhone):
		return "telephone"
	case "":
		return "unknown"
	default:
		return printable(kind)
	}
}

func (r *Report) conclusion() string {
	moved := ""
	if r.Moved {
		moved = "The meeting took new keys meanwhile (somebody left, or keys were refreshed), which ended the look.\n"
	}
	switch r.Outcome() {
	case selftest.AllSealed:
		return moved + "As promised: everything that was judged is ciphertext, sealed with the key of this meeting by the one whose name is beside it.\n" +
			"Who is in the meeting the code tells, once somebody inside compared it with yours.\n"
	case selftest.NotSealed:
		if r.Mode == api.ModeOpen {
			return "This room is open: its media is protected on the way to the gateway and from it, and the gateway reads all of it.\n"
		}
		return moved + "SOMETHING IS NOT AS PROMISED: see the lines in capitals. Leave the room, and tell its owner.\n"
	default:
		return moved + "There was too little traffic to judge. Have somebody in the room speak, or turn a camera on, and run this again.\n"
	}
}
