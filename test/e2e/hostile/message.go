//go:build e2e

package hostile

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
)

// Message is one message of the signalling protocol (docs/protocol.md).
type Message map[string]any

// delivery is how the kind of a message begins that is for the delivery service, or of it.
const delivery = "meeting "

// Kind of the message: "offer", or "meeting applied" for one of the delivery service (web/src/e2ee/meeting/wire.ts).
func (m Message) Kind() string {
	kind, _ := m["type"].(string)
	if inner, ok := m["message"].(map[string]any); ok && kind == "meeting" {
		return fmt.Sprintf("%s%v", delivery, inner["type"])
	}
	return kind
}

// Body is what the delivery service says or is told, of its messages; of all others the message itself.
func (m Message) Body() Message {
	if inner, ok := m["message"].(map[string]any); ok && m["type"] == "meeting" {
		return inner
	}
	return m
}

// At is an object in the message; empty where there is none.
func (m Message) At(name string) Message {
	switch inner := m[name].(type) {
	case map[string]any:
		return inner
	case Message:
		return inner
	default:
		return Message{}
	}
}

// List is a list of objects in the message.
func (m Message) List(name string) []Message {
	var list []Message
	items, _ := m[name].([]any)
	for _, item := range items {
		if object, ok := item.(map[string]any); ok {
			list = append(list, object)
		}
	}
	return list
}

// Number in the message; 0 where there is none.
func (m Message) Number(name string) uint64 {
	switch n := m[name].(type) {
	case float64:
		return uint64(n)
	case uint64:
		return n
	default:
		return 0
	}
}

// Text in the message; empty where there is none.
func (m Message) Text(name string) string {
	s, _ := m[name].(string)
	return s
}

// Bytes in the message, which travel in base64.
func (m Message) Bytes(name string) []byte {
	b, _ := base64.StdEncoding.DecodeString(m.Text(name))
	return b
}

// Clone is a copy that may be changed throughout.
func (m Message) Clone() Message {
	b, err := json.Marshal(m)
	if err != nil {
		panic(err) // it was JSON
	}
	var copied Message
	if err := json.Unmarshal(b, &copied); err != nil {
		panic(err)
	}
	return copied
}

// Delivery makes a message of the delivery service.
func Delivery(kind string, fields Message) Message {
	inner := map[string]any{"type": kind}
	for name, v := range fields {
		if b, ok := v.([]byte); ok {
			v = base64.StdEncoding.EncodeToString(b)
		}
		inner[name] = v
	}
	return Message{"type": "meeting", "message": inner}
}

// Done answers a question to the delivery service as if it had done what was asked.
func Done(question Message) Message {
	return Delivery("done", Message{"id": question.Body()["id"]})
}

// Failed answers one as if that had been in the way; after is in ms.
func Failed(question Message, fault string, after int) Message {
	return Delivery("failed", Message{"id": question.Body()["id"], "fault": fault, "after": after})
}
