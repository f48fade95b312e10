package sip

import (
	"bytes"
	"net/netip"
	"strconv"
)

// verdict of screen on a datagram.
type verdict uint8

const (
	// pass hands it to the parser.
	pass verdict = iota
	// drop it without a word: no request, or nobody to answer.
	drop
	// refuse it with the status in the outline.
	refuse
)

// outline is what screen finds in a request: raw lines, not interpreted, that an answer has to repeat.
type outline struct {
	method                 []byte
	vias                   [][]byte
	from, to, callID, cseq []byte
	maxForwards, length    []byte
	// status and fault are why it is refused.
	status int
	fault  string
}

// screen looks at a datagram before the parser does. It finds what the parser would take silently wrong (doubled header
// fields, a body shorter than announced) or drop without an answer (numbers out of range, missing fields), in one pass.
// It never trusts a length in the message.
// Source: RFC 3261 sections 7.3, 8.1.1, 18.3; RFC 4475.
func screen(b []byte) (verdict, outline) {
	var o outline
	line, rest, ok := cutLine(b)
	if !ok || bytes.HasPrefix(line, []byte("SIP/")) {
		return either(ok, pass, drop), o
	}
	method, tail, _ := bytes.Cut(line, []byte(" "))
	if !bytes.Contains(tail, []byte(" SIP/")) && !bytes.Contains(tail, []byte(" sip/")) {
		return drop, o
	}
	o.method, o.status = method, 400
	rest = o.fields(rest)
	if len(o.vias) == 0 || bytes.Equal(method, []byte("ACK")) && o.fault != "" {
		return drop, o
	}
	if o.fault == "" {
		o.fault = o.check(line, rest)
	}
	return either(o.fault == "", pass, refuse), o
}

func either(cond bool, yes, no verdict) verdict {
	if cond {
		return yes
	}
	return no
}

// fields reads header lines up to the empty one and gives what follows it.
func (o *outline) fields(b []byte) []byte {
	var last *[]byte
	for {
		line, rest, ok := cutLine(b)
		if !ok {
			o.blame("Header Section Not Ended")
			return nil
		}
		if len(line) == 0 {
			return rest
		}
		if line[0] == ' ' || line[0] == '\t' {
			// A folded line belongs to the one before; both are adjacent in memory, so the slice only grows.
			if last != nil {
				*last = (*last)[:len(*last)+2+len(line)]
			}
			b = rest
			continue
		}
		last = o.field(line)
		b = rest
	}
}

func (o *outline) field(line []byte) *[]byte {
	name, value, ok := bytes.Cut(line, []byte(":"))
	if !ok {
		o.blame("Header Field Without Colon")
		return nil
	}
	name = bytes.TrimSpace(name)
	slot := o.slot(name)
	if slot == nil {
		if is(name, "via", "v") {
			o.vias = append(o.vias, value)
			return &o.vias[len(o.vias)-1]
		}
		return nil
	}
	if *slot != nil {
		o.blame("Header Field Repeated")
		return nil
	}
	if len(bytes.TrimSpace(value)) == 0 {
		// An empty value is still a value; keep a non-nil slice so that a second one is seen.
		value = line[len(line):]
	}
	*slot = value
	return slot
}

func (o *outline) slot(name []byte) *[]byte {
	switch {
	case is(name, "from", "f"):
		return &o.from
	case is(name, "to", "t"):
		return &o.to
	case is(name, "call-id", "i"):
		return &o.callID
	case is(name, "cseq", ""):
		return &o.cseq
	case is(name, "max-forwards", ""):
		return &o.maxForwards
	case is(name, "content-length", "l"):
		return &o.length
	default:
		return nil
	}
}

func (o *outline) blame(why string) {
	if o.fault == "" {
		o.fault = why
	}
}

// check looks at the values; line is the request line, body what came behind the header.
func (o *outline) check(line, body []byte) string {
	if why := o.checkLine(line); why != "" {
		return why
	}
	for _, f := range [][]byte{o.from, o.to, o.callID, o.cseq} {
		if f == nil {
			return "Mandatory Header Field Missing"
		}
	}
	cseq := bytes.Fields(o.cseq)
	if len(cseq) != 2 {
		return "Malformed CSeq"
	}
	if n, err := strconv.ParseUint(string(cseq[0]), 10, 32); err != nil || n > 1<<31-1 {
		return "Malformed CSeq"
	}
	if !bytes.Equal(cseq[1], o.method) {
		return "CSeq Method Does Not Match"
	}
	if o.maxForwards != nil {
		if n, err := strconv.ParseUint(string(bytes.TrimSpace(o.maxForwards)), 10, 32); err != nil || n > 255 {
			return "Malformed Max-Forwards"
		}
	}
	if o.length != nil {
		if n, err := strconv.ParseUint(string(bytes.TrimSpace(o.length)), 10, 32); err != nil || n > uint64(len(body)) {
			return "Malformed Content-Length"
		}
	}
	if !balanced(o.from) || !balanced(o.to) {
		return "Unbalanced Quotes"
	}
	return ""
}

// checkLine looks at the request line.
func (o *outline) checkLine(line []byte) string {
	part := bytes.Split(line, []byte(" "))
	if len(part) != 3 || len(part[1]) == 0 || part[1][0] == '<' {
		return "Malformed Request-Line"
	}
	if !bytes.EqualFold(part[2], []byte("SIP/2.0")) {
		o.status = 505
		return "Version Not Supported"
	}
	scheme, _, ok := bytes.Cut(part[1], []byte(":"))
	if !ok {
		return "Malformed Request-URI"
	}
	switch string(bytes.ToLower(scheme)) {
	case "sip", "sips", "tel":
		return ""
	default:
		o.status = 416
		return "Unsupported URI Scheme"
	}
}

// answer builds the final answer that goes back to source. It repeats header fields as they came (RFC 3261 section 8.2.6.2).
func (o *outline) answer(source netip.AddrPort, server string) []byte {
	var out bytes.Buffer
	out.WriteString("SIP/2.0 " + strconv.Itoa(o.status) + " " + o.fault + "\r\n")
	for i, v := range o.vias {
		out.WriteString("Via:")
		if i == 0 {
			v = stamp(v, source)
		}
		out.Write(v)
		out.WriteString("\r\n")
	}
	writeField(&out, "From", o.from)
	if o.to != nil && !bytes.Contains(bytes.ToLower(o.to), []byte(";tag=")) {
		writeField(&out, "To", append(bytes.Clone(bytes.TrimRight(o.to, " \t")), ";tag=bad"...))
	} else {
		writeField(&out, "To", o.to)
	}
	writeField(&out, "Call-ID", o.callID)
	writeField(&out, "CSeq", o.cseq)
	out.WriteString("Server: " + server + "\r\nContent-Length: 0\r\n\r\n")
	return out.Bytes()
}

// stamp adds received and rport to the topmost Via (RFC 3261 section 18.2.1, RFC 3581 section 4).
func stamp(via []byte, source netip.AddrPort) []byte {
	first, rest, more := bytes.Cut(via, []byte(","))
	out := bytes.TrimRight(bytes.Clone(first), " \t\r\n")
	port := strconv.Itoa(int(source.Port()))
	lower := bytes.ToLower(out)
	if i := bytes.Index(lower, []byte(";rport")); i >= 0 && (i+6 == len(out) || out[i+6] == ';') {
		out = bytes.Join([][]byte{out[:i+6], out[i+6:]}, []byte("="+port))
	}
	out = append(out, ";received="+source.Addr().Unmap().WithZone("").String()...)
	if more {
		out = append(append(out, ','), rest...)
	}
	return out
}

func writeField(out *bytes.Buffer, name string, value []byte) {
	if value == nil {
		return
	}
	out.WriteString(name + ":")
	out.Write(value)
	out.WriteString("\r\n")
}

// balanced tells whether quoted strings end.
func balanced(b []byte) bool {
	quoted := false
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '\\':
			if quoted {
				i++
			}
		case '"':
			quoted = !quoted
		case '<':
			if !quoted {
				return true
			}
		}
	}
	return !quoted
}

// cutLine splits off a line that ends in CRLF.
func cutLine(b []byte) (line, rest []byte, ok bool) {
	i := bytes.Index(b, []byte("\r\n"))
	if i < 0 {
		return nil, nil, false
	}
	return b[:i], b[i+2:], true
}

// is compares a header name in any case with its long form in lower case and its compact form.
func is(name []byte, long, compact string) bool {
	if len(name) == 1 && compact != "" {
		return name[0]|0x20 == compact[0]
	}
	return len(name) == len(long) && bytes.EqualFold(name, []byte(long))
}
