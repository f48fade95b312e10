package sdp

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"legroom/media"
)

// Bounds of what is shown of a peer's text, bytes.
const (
	maxSubject = 300
	maxText    = 600
)

func newReason(line int, subject string, taken bool, text string) Reason {
	return Reason{Media: line, Subject: showable(subject, maxSubject), Taken: taken, Text: showable(text, maxText)}
}

// showable makes a stranger's text fit for a terminal and a log: without control characters, and not endless.
func showable(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == utf8.RuneError {
			return '?'
		}
		return r
	}, s)
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "..."
}

// words tells what was taken of a line.
func (t *taken) words() string {
	a := t.agreed
	s := fmt.Sprintf("taken: %s, %s", a.Codec, a.Direction)
	if a.Codec.Fmtp != "" {
		s += ", " + a.Codec.Fmtp
	}
	if c := a.Video.Content; c != ContentUnknown {
		s += ", " + c.String()
	}
	switch a.Keys.Security {
	case SDES:
		s += ", SRTP with keys in the SDP (" + a.Keys.Suite.String() + ")"
	case DTLS:
		s += ", SRTP with keys from DTLS, we are " + role(a.Keys.DTLSClient)
	default:
		s += ", in clear"
	}
	switch {
	case a.Remote.IsValid():
	case a.Direction.Sends():
		s += "; the address is no number, so media goes to where the peer's comes from"
	default:
		s += "; the peer holds the call with an address of zeros"
	}
	return s
}

// formatWords tells of each format why it was taken or not.
func (n *negotiator) formatWords(i int, offered []Format, chosen Format, local *LocalMedia) {
	for _, f := range offered {
		subject := "format " + f.String()
		switch {
		case f.PayloadType == chosen.PayloadType:
			n.tell(i, subject, true, "taken: the first in order that both sides have, or the one already running")
		case f.Event():
			n.tell(i, subject, local.Events, "understood: keys pressed")
		case f.Name == "":
			n.tell(i, subject, false, "not taken: nothing says what it is")
		case strings.EqualFold(f.Name, "CN"):
			n.tell(i, subject, false, "not taken: comfort noise is not sent, and passed over when it comes")
		case known(f, local):
			n.tell(i, subject, false, "not taken: another was first")
		default:
			n.tell(i, subject, false, "not taken: the gateway does not have it")
		}
	}
}

func known(f Format, local *LocalMedia) bool {
	for _, c := range local.Codecs {
		if f.fits(c) {
			return true
		}
	}
	return false
}

func (n *negotiator) eventWords(i int, events []EventFormat, local *LocalMedia) {
	if local.Events && len(events) == 0 {
		n.tell(i, "telephone-event", false, "not offered: keys pressed on this telephone will not be understood")
	}
}

// cryptoWords tells of each crypto line; chosen is the one that was taken, or -1.
func (n *negotiator) cryptoWords(i int, lines []cryptoLine, chosen int, other string) {
	for k, l := range lines {
		switch {
		case k == chosen:
			n.tell(i, l.subject, true, "taken")
		case l.fault != "":
			n.tell(i, l.subject, false, "not taken: "+l.fault)
		case !n.usable(l):
			n.tell(i, l.subject, false, "not taken: the suite is switched off here")
		default:
			n.tell(i, l.subject, false, other)
		}
	}
}

func formatNames(list []Format) string {
	var names []string
	for _, f := range list {
		if f.Name != "" && !f.Event() {
			names = append(names, f.Name)
		}
	}
	if len(names) == 0 {
		return "nothing that can be read"
	}
	return strings.Join(names, ", ")
}

func codecNames(list []media.Codec) string {
	var names []string
	for _, c := range list {
		names = append(names, string(c.Name))
	}
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}
