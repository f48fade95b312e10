package sip

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"strings"
)

// maxParts of a multipart body that are looked at.
const maxParts = 8

// errMediaType is a body that holds no session description.
var errMediaType = errors.New("sip: body is no session description")

// sdpOf finds the session description in a body of the given Content-Type: the whole of it, or the first such part of a
// multipart one (RFC 5621). nil without an error means that there is no body.
func sdpOf(contentType string, body []byte) ([]byte, error) {
	if len(body) == 0 {
		return nil, nil
	}
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return nil, errMediaType
	}
	switch {
	case kind == "application/sdp":
		return body, nil
	case strings.HasPrefix(kind, "multipart/") && params["boundary"] != "":
		return partOf(body, params["boundary"])
	default:
		return nil, errMediaType
	}
}

func partOf(body []byte, boundary string) ([]byte, error) {
	r := multipart.NewReader(bytes.NewReader(body), boundary)
	for range maxParts {
		p, err := r.NextRawPart()
		if err != nil {
			break
		}
		kind, _, err := mime.ParseMediaType(p.Header.Get("Content-Type"))
		if err != nil || kind != "application/sdp" {
			continue
		}
		b, err := io.ReadAll(p)
		if err != nil {
			break
		}
		return b, nil
	}
	return nil, errMediaType
}

// dtmfOf reads the key out of an INFO body, and whether the body is one about keys at all.
// Shape: application/dtmf-relay "Signal=5\r\nDuration=160", application/dtmf "5".
func dtmfOf(contentType string, body []byte) (digit rune, relay bool) {
	kind, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return 0, false
	}
	switch kind {
	case "application/dtmf-relay":
		for line := range strings.Lines(string(body)) {
			key, value, ok := strings.Cut(line, "=")
			if ok && strings.EqualFold(strings.TrimSpace(key), "signal") {
				return keyOf(value), true
			}
		}
		return 0, true
	case "application/dtmf":
		return keyOf(string(body)), true
	default:
		return 0, false
	}
}

// keyOf reads one telephone key; 10 and 11 are star and pound in some devices.
func keyOf(s string) rune {
	s = strings.ToUpper(strings.TrimSpace(s))
	switch s {
	case "10":
		return '*'
	case "11":
		return '#'
	}
	if len(s) == 1 && strings.Contains("0123456789*#ABCD", s) {
		return rune(s[0])
	}
	return 0
}
