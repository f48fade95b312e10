package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// MessageError is a message from a client that cannot be obeyed as it stands.
type MessageError struct {
	// Re is the client's number, when it could be read.
	Re *int64
	// Type as far as it could be read, cut to 32 bytes.
	Type string
	// Msg says what is wrong, without the values of the message: it may hold secrets.
	Msg string
}

// Error gives type and reason.
func (e *MessageError) Error() string {
	if e.Type == "" {
		return "api: message: " + e.Msg
	}
	return fmt.Sprintf("api: message %q: %s", e.Type, e.Msg)
}

// Decode reads one message of a client: an object with a known type, no unknown fields, values within their bounds.
// Errors: *MessageError.
func Decode(data []byte) (ClientMessage, error) {
	if len(data) > MaxMessageBytes {
		return nil, &MessageError{Msg: fmt.Sprintf("longer than %d bytes", MaxMessageBytes)}
	}
	var head Head
	if err := json.Unmarshal(data, &head); err != nil {
		return nil, &MessageError{Msg: plain(err)}
	}
	m := newClientMessage(head.Type)
	if m == nil {
		return nil, &MessageError{Re: head.Re, Type: cut(head.Type, 32), Msg: "no such type"}
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(m); err != nil {
		return nil, &MessageError{Re: head.Re, Type: head.Type, Msg: plain(err)}
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, &MessageError{Re: head.Re, Type: head.Type, Msg: "more than one object"}
	}
	if err := m.valid(); err != nil {
		return nil, &MessageError{Re: head.Re, Type: head.Type, Msg: err.Error()}
	}
	return m, nil
}

// plain says what a JSON error is about without repeating any value.
func plain(err error) string {
	var typ *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &typ) && typ.Field != "":
		return fmt.Sprintf("field %q is not a %s", cut(typ.Field, 32), typ.Type)
	case errors.As(err, &typ):
		return "not an object"
	case errors.As(err, &syntax), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return "not JSON"
	default:
		return "a field that this version does not know"
	}
}

func cut(s string, n int) string {
	if len(s) > n {
		return s[:n]
	}
	return s
}

// Encode writes one message of the gateway: its fields behind its type.
func Encode(m ServerMessage) ([]byte, error) {
	body, err := json.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("api: encode %s: %w", m.messageType(), err)
	}
	out := make([]byte, 0, len(body)+len(m.messageType())+12)
	out = append(out, `{"type":"`...)
	out = append(out, m.messageType()...)
	out = append(out, '"')
	if len(body) > 2 {
		out = append(out, ',')
	}
	return append(out, body[1:]...), nil
}
