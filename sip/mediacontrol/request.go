package mediacontrol

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
)

// Request is what a body asks for.
type Request struct {
	// FastUpdate asks for a key frame.
	FastUpdate bool
	// Streams it is for, as the endpoint names them; none means all.
	Streams []string
	// Refused is set where the body says that the other side did not understand ours.
	Refused bool
}

// Parse reads a body. Elements that are not known are passed over, as long as one is: endpoints add their own.
// Memory: bounded by MaxBytes. Errors: ErrSyntax, ErrLimit, ErrUnknown.
// Source: RFC 5168 section 5.
func Parse(b []byte) (Request, error) {
	if len(b) > MaxBytes {
		return Request{}, ErrLimit
	}
	dec := xml.NewDecoder(bytes.NewReader(b))
	// What matters is ASCII, whatever the declaration says.
	dec.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	var r reader
	for range maxTokens {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return r.result()
		}
		if err != nil {
			return Request{}, ErrSyntax
		}
		if err := r.token(token); err != nil {
			return Request{}, err
		}
	}
	return Request{}, ErrLimit
}

// reader walks through the elements.
type reader struct {
	path []string
	seen bool // media_control
	text strings.Builder
	out  Request
}

func (r *reader) token(t xml.Token) error {
	switch t := t.(type) {
	case xml.Directive:
		return ErrSyntax // no document types, so no entities
	case xml.StartElement:
		name := strings.ToLower(t.Name.Local)
		if len(r.path) == 0 && (name != "media_control" || r.seen) {
			return ErrSyntax
		}
		if len(r.path) >= maxDepth {
			return ErrLimit
		}
		r.seen = true
		r.path = append(r.path, name)
		r.text.Reset()
		r.enter()
	case xml.EndElement:
		r.leave()
		r.path = r.path[:len(r.path)-1]
	case xml.CharData:
		if r.text.Len()+len(t) <= maxWords {
			r.text.Write(t)
		}
	}
	return nil
}

func (r *reader) enter() {
	switch {
	case r.at("vc_primitive", "to_encoder", "picture_fast_update"):
		r.out.FastUpdate = true
	case r.at("general_error"):
		r.out.Refused = true
	}
}

func (r *reader) leave() {
	if id := strings.TrimSpace(r.text.String()); r.at("vc_primitive", "stream_id") && id != "" && len(r.out.Streams) < MaxStreams {
		r.out.Streams = append(r.out.Streams, id)
	}
	r.text.Reset()
}

// at tells whether the path is that below media_control.
func (r *reader) at(path ...string) bool { return slices.Equal(r.path[1:], path) }

func (r *reader) result() (Request, error) {
	switch {
	case !r.seen || len(r.path) != 0:
		return Request{}, ErrSyntax
	case !r.out.FastUpdate && !r.out.Refused:
		return Request{}, ErrUnknown
	}
	return r.out, nil
}

// FastUpdate is the body that asks for a key frame of all streams, or of those named.
func FastUpdate(streams ...string) []byte {
	var w strings.Builder
	w.WriteString(head + "<media_control><vc_primitive><to_encoder><picture_fast_update/></to_encoder>")
	for _, s := range streams {
		w.WriteString("<stream_id>" + escape(s) + "</stream_id>")
	}
	w.WriteString("</vc_primitive></media_control>\r\n")
	return []byte(w.String())
}

const head = `<?xml version="1.0" encoding="utf-8"?>` + "\r\n"

func generalError(text string) []byte {
	return []byte(head + "<media_control><general_error>" + escape(text) + "</general_error></media_control>\r\n")
}

func escape(s string) string {
	var w strings.Builder
	_ = xml.EscapeText(&w, []byte(s)) // to memory: cannot fail
	return w.String()
}
