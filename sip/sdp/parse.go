package sdp

import (
	"bytes"
	"net/netip"
	"strconv"
	"strings"
)

// Parse reads a session description. Lines may end in CRLF, LF or CR, blanks at their ends and lines of unknown type are
// passed over.
// Errors: ErrEmpty, a SyntaxError, a LimitError.
// Source: RFC 8866 section 9, with the liberties of real endpoints.
func Parse(b []byte) (*Description, error) {
	if len(b) > MaxBytes {
		return nil, &LimitError{What: "bytes", Max: MaxBytes}
	}
	sep := byte('\n')
	if bytes.IndexByte(b, sep) < 0 {
		sep = '\r'
	}
	p := parser{d: &Description{}}
	for len(b) > 0 {
		line, rest, _ := bytes.Cut(b, []byte{sep})
		b = rest
		if p.n++; p.n > MaxLines {
			return nil, &LimitError{What: "lines", Max: MaxLines}
		}
		if err := p.line(strings.Trim(string(line), " \t\r\x00")); err != nil {
			return nil, err
		}
	}
	if !p.begun {
		return nil, ErrEmpty
	}
	p.inherit()
	return p.d, nil
}

type parser struct {
	d     *Description
	n     int  // lines read
	begun bool // v= was there
}

func (p *parser) line(l string) error {
	if l == "" {
		return nil
	}
	if !p.begun {
		if !strings.HasPrefix(l, "v=") {
			return p.bad("a session description begins with v=")
		}
		p.begun = true
		return nil
	}
	if len(l) < 2 || l[1] != '=' {
		return nil
	}
	value := strings.TrimSpace(l[2:])
	switch l[0] {
	case 'o':
		p.d.Origin = parseOrigin(value)
	case 's':
		p.d.Name = value
	case 'c':
		*p.connection() = parseConnection(value)
	case 'b':
		if b, ok := parseBandwidth(value); ok {
			list := p.bandwidth()
			*list = append(*list, b)
		}
	case 'a':
		if a, ok := parseAttribute(value); ok {
			list := p.attributes()
			*list = append(*list, a)
		}
	case 'm':
		return p.media(value)
	}
	return nil
}

// media begins a media line. A line that cannot be read is an error and not passed over: an answer must have the same
// number of them (RFC 3264 section 6).
func (p *parser) media(value string) error {
	if len(p.d.Media) == MaxMedia {
		return &LimitError{What: "media lines", Max: MaxMedia}
	}
	f := strings.Fields(value)
	if len(f) < 3 {
		return p.bad("a media line has a kind, a port and a transport")
	}
	if len(f)-3 > MaxFormats {
		return &LimitError{What: "formats of a media line", Max: MaxFormats}
	}
	number, _, _ := strings.Cut(f[1], "/")
	port, err := strconv.ParseUint(number, 10, 16)
	if err != nil {
		return p.bad("the port of a media line is a number up to 65535")
	}
	p.d.Media = append(p.d.Media, MediaDescription{
		Media: f[0], Port: uint16(port), Protocol: Protocol(f[2]), Formats: f[3:],
	})
	return nil
}

// inherit gives media lines what the session says for all.
func (p *parser) inherit() {
	for i := range p.d.Media {
		m := &p.d.Media[i]
		m.session, m.sessionBandwidth = p.d.Attributes, p.d.Bandwidth
		if m.Connection.Host == "" {
			m.Connection = p.d.Connection
		}
	}
}

func (p *parser) bad(msg string) error { return &SyntaxError{Line: p.n, Msg: msg} }

func (p *parser) current() *MediaDescription {
	if len(p.d.Media) == 0 {
		return nil
	}
	return &p.d.Media[len(p.d.Media)-1]
}

func (p *parser) connection() *Connection {
	if m := p.current(); m != nil {
		return &m.Connection
	}
	return &p.d.Connection
}

func (p *parser) bandwidth() *[]Bandwidth {
	if m := p.current(); m != nil {
		return &m.Bandwidth
	}
	return &p.d.Bandwidth
}

func (p *parser) attributes() *[]Attribute {
	if m := p.current(); m != nil {
		return &m.Attributes
	}
	return &p.d.Attributes
}

func parseOrigin(v string) Origin {
	f := append(strings.Fields(v), make([]string, 6)...)
	return Origin{User: f[0], SessionID: f[1], Version: f[2], Address: f[5]}
}

// parseConnection reads "IN IP4 host/ttl". The words before the host are not looked at: the host says what it is.
func parseConnection(v string) Connection {
	f := strings.Fields(v)
	if len(f) == 0 {
		return Connection{}
	}
	host, _, _ := strings.Cut(f[len(f)-1], "/")
	return Connection{Host: host, Addr: parseAddr(host)}
}

// parseAddr gives the zero Addr for what is no address, host names among it: the gateway looks up no names that a
// stranger sends.
func parseAddr(host string) netip.Addr {
	a, err := netip.ParseAddr(strings.Trim(host, "[]"))
	if err != nil {
		return netip.Addr{}
	}
	return a.Unmap().WithZone("")
}

func parseBandwidth(v string) (Bandwidth, bool) {
	kind, number, _ := strings.Cut(v, ":")
	n, err := strconv.ParseUint(strings.TrimSpace(number), 10, 40)
	return Bandwidth{Type: strings.TrimSpace(kind), Value: n}, err == nil && kind != ""
}

func parseAttribute(v string) (Attribute, bool) {
	key, value, _ := strings.Cut(v, ":")
	key = strings.TrimSpace(key)
	return Attribute{Key: key, Value: strings.TrimSpace(value)}, key != ""
}
