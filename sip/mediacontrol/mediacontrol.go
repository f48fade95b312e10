// Package mediacontrol is XML media control (RFC 5168): the body of a SIP INFO by which an endpoint without RTCP feedback
// asks for a key frame, and a Limiter for key frames asked for in whatever way.
package mediacontrol

// ContentType of the bodies.
const ContentType = "application/media_control+xml"

// Bounds of what Parse reads.
const (
	// MaxBytes of a body.
	MaxBytes = 4096
	// MaxStreams named in one.
	MaxStreams = 8
	// maxDepth and maxTokens of the XML.
	maxDepth  = 8
	maxTokens = 256
	// maxWords of a text, bytes.
	maxWords = 64
)
