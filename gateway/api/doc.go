// Package api is what the gateway says to browsers and to its operator: the messages of docs/protocol.md with their
// strict decoding, the WebSocket visit that carries them, the HTTP server around it and the operator's listener.
//
// The message types are the source of web/src/protocol/messages.ts; run `go generate ./gateway/api` after changing one.
// Source: docs/protocol.md, version 1.
package api

//go:generate go run ./gen -out ../../web/src/protocol/messages.ts

// ProtocolVersion is the number in the path, in the subprotocol and in hello. It changes when an older client would
// misread what is sent.
const ProtocolVersion = 1

// Subprotocol is the WebSocket subprotocol both sides must agree on.
const Subprotocol = "legroom.v1"

// SocketPath is where the WebSocket is.
const SocketPath = "/api/v1/ws"

// MaxMessageBytes is the longest message the gateway takes. The longest commit with its Welcome and bundles fits in base64.
const MaxMessageBytes = 512 << 10

// ResumeSeconds is how long a broken connection may be taken up again.
const ResumeSeconds = 60

// MaxFaults is the number of faulty messages that ends a visit.
const MaxFaults = 10
