package sdp

import (
	"fmt"
	"strings"
)

// Bytes writes the description, lines ending in CRLF (RFC 8866 section 5). It holds SDES keys: not for logs.
func (d *Description) Bytes() []byte {
	var w strings.Builder
	fmt.Fprintf(&w, "v=0\r\no=%s %s %s IN %s %s\r\ns=%s\r\n", orDash(d.Origin.User), orZero(d.Origin.SessionID),
		orZero(d.Origin.Version), family(parseAddr(d.Origin.Address).Is6()), orZero(d.Origin.Address), orDash(d.Name))
	writeConnection(&w, d.Connection)
	writeBandwidth(&w, d.Bandwidth)
	w.WriteString("t=0 0\r\n")
	writeAttributes(&w, d.Attributes)
	for i := range d.Media {
		m := &d.Media[i]
		fmt.Fprintf(&w, "%s\r\n", m.line())
		if m.Connection != d.Connection {
			writeConnection(&w, m.Connection)
		}
		writeBandwidth(&w, m.Bandwidth)
		writeAttributes(&w, m.Attributes)
	}
	return []byte(w.String())
}

// line is the m= line.
func (m *MediaDescription) line() string {
	s := fmt.Sprintf("m=%s %d %s", m.Media, m.Port, m.Protocol)
	for _, f := range m.Formats {
		s += " " + f
	}
	return s
}

func writeConnection(w *strings.Builder, c Connection) {
	if c.Host != "" {
		fmt.Fprintf(w, "c=IN %s %s\r\n", family(c.Addr.Is6()), c.Host)
	}
}

func writeBandwidth(w *strings.Builder, list []Bandwidth) {
	for _, b := range list {
		fmt.Fprintf(w, "b=%s:%d\r\n", b.Type, b.Value)
	}
}

func writeAttributes(w *strings.Builder, list []Attribute) {
	for _, a := range list {
		fmt.Fprintf(w, "a=%s\r\n", a)
	}
}

func family(six bool) string {
	if six {
		return "IP6"
	}
	return "IP4"
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func orZero(s string) string {
	if s == "" {
		return "0"
	}
	return s
}
