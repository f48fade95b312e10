package siptest

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Message is one SIP message as text: it is read and written without the stack under test.
type Message struct {
	// Start is the request or status line.
	Start string
	// Headers in order, names as they came.
	Headers []Header
	// Body of it; Content-Length is written by String.
	Body string
}

// Header is one field.
type Header struct{ Name, Value string }

// compact forms of header names (RFC 3261 section 7.3.3).
var compact = map[string]string{
	"v": "via", "f": "from", "t": "to", "i": "call-id", "m": "contact", "c": "content-type", "l": "content-length",
	"k": "supported", "x": "session-expires",
}

// Parse reads one message. Errors: what is missing of it.
func Parse(b []byte) (*Message, error) { return read(bufio.NewReader(strings.NewReader(string(b)))) }

func read(r *bufio.Reader) (*Message, error) {
	m := &Message{}
	for m.Start == "" {
		line, err := r.ReadString('\n')
		if err != nil {
			return nil, err
		}
		m.Start = strings.TrimRight(line, "\r\n")
	}
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return nil, err
		}
		line = strings.TrimRight(line, "\r\n")
		if line == "" {
			break
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			return nil, fmt.Errorf("siptest: header %q without colon", line)
		}
		m.Headers = append(m.Headers, Header{strings.TrimSpace(name), strings.TrimSpace(value)})
	}
	n, _ := strconv.Atoi(m.Get("content-length"))
	body := make([]byte, n)
	if _, err := io.ReadFull(r, body); err != nil {
		return nil, fmt.Errorf("siptest: body of %d bytes: %w", n, err)
	}
	m.Body = string(body)
	return m, nil
}

// Get gives the first value of a header field by its long name in any case; empty when there is none.
func (m *Message) Get(name string) string {
	if v := m.All(name); len(v) > 0 {
		return v[0]
	}
	return ""
}

// All values of a header field, in order.
func (m *Message) All(name string) []string {
	var out []string
	for _, h := range m.Headers {
		n := strings.ToLower(h.Name)
		if long, ok := compact[n]; ok {
			n = long
		}
		if n == strings.ToLower(name) {
			out = append(out, h.Value)
		}
	}
	return out
}

// Add a header field.
func (m *Message) Add(name, value string) { m.Headers = append(m.Headers, Header{name, value}) }

// Status of a response, 0 for a request.
func (m *Message) Status() int {
	if rest, ok := strings.CutPrefix(m.Start, "SIP/2.0 "); ok && len(rest) >= 3 {
		n, _ := strconv.Atoi(rest[:3])
		return n
	}
	return 0
}

// Method of a request, or the one in the CSeq of a response.
func (m *Message) Method() string {
	if m.Status() == 0 {
		method, _, _ := strings.Cut(m.Start, " ")
		return method
	}
	_, method, _ := strings.Cut(m.Get("cseq"), " ")
	return strings.TrimSpace(method)
}

// CSeq number.
func (m *Message) CSeq() int {
	number, _, _ := strings.Cut(m.Get("cseq"), " ")
	n, _ := strconv.Atoi(number)
	return n
}

// Tag of a From or To field.
func (m *Message) Tag(field string) string { return param(m.Get(field), "tag") }

// URI inside the angle brackets of a field.
func (m *Message) URI(field string) string {
	v := m.Get(field)
	if _, rest, ok := strings.Cut(v, "<"); ok {
		v, _, _ = strings.Cut(rest, ">")
	}
	return v
}

// String is the message as it goes out.
func (m *Message) String() string {
	var b strings.Builder
	b.WriteString(m.Start + "\r\n")
	for _, h := range m.Headers {
		if !strings.EqualFold(h.Name, "content-length") {
			b.WriteString(h.Name + ": " + h.Value + "\r\n")
		}
	}
	fmt.Fprintf(&b, "Content-Length: %d\r\n\r\n%s", len(m.Body), m.Body)
	return b.String()
}

// Reply makes an answer to a request.
func (m *Message) Reply(status int, reason string) *Message {
	r := &Message{Start: fmt.Sprintf("SIP/2.0 %d %s", status, reason)}
	for _, name := range []string{"Via", "Record-Route", "From", "To", "Call-ID", "CSeq"} {
		for _, v := range m.All(name) {
			r.Add(name, v)
		}
	}
	return r
}

func param(s, name string) string {
	for p := range strings.SplitSeq(s, ";") {
		k, v, _ := strings.Cut(p, "=")
		if strings.EqualFold(strings.TrimSpace(k), name) {
			return strings.Trim(v, `" >`)
		}
	}
	return ""
}
