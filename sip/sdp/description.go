package sdp

import (
	"net/netip"
	"strings"

	"legroom/media"
)

// Description is one session description.
// Shape: attributes are kept as they came, in order; methods of MediaDescription read them with types.
// Source: RFC 8866 section 5.
type Description struct {
	// Origin is the o= line.
	Origin Origin
	// Name is the s= line.
	Name string
	// Connection is the session's c= line; zero when there is none.
	Connection Connection
	// Bandwidth are the session's b= lines.
	Bandwidth []Bandwidth
	// Attributes of the session.
	Attributes []Attribute
	// Media lines, in order.
	Media []MediaDescription
}

// Origin names a session and its version.
type Origin struct {
	// User may be "-".
	User string
	// SessionID and Version are numbers by the RFC, but not by every device.
	SessionID, Version string
	// Address as written.
	Address string
}

// Connection is where media shall go.
type Connection struct {
	// Host as written, without the slash parts of multicast: an address or a name; empty when there was no line.
	Host string
	// Addr is Host when that is an address, else the zero Addr.
	Addr netip.Addr
}

// Held tells the old way to hold a call: an address of zeros (RFC 3264 section 8.4).
func (c Connection) Held() bool { return c.Addr.IsValid() && c.Addr.IsUnspecified() }

// Bandwidth is a b= line. Units: kbit/s for AS and CT, bit/s for TIAS, RS and RR.
type Bandwidth struct {
	Type  string
	Value uint64
}

// Attribute is an a= line. Value is empty for a flag.
type Attribute struct {
	Key, Value string
}

// String is the line without "a=".
func (a Attribute) String() string {
	if a.Value == "" {
		return a.Key
	}
	return a.Key + ":" + a.Value
}

// MediaDescription is one m= line and what belongs to it.
type MediaDescription struct {
	// Media is the first word: "audio", "video", "application", "image".
	Media string
	// Port is 0 for a line that is refused or closed.
	Port uint16
	// Protocol is the transport, as written.
	Protocol Protocol
	// Formats as written: payload type numbers for RTP; may be empty in real life.
	Formats []string
	// Connection is the line's own c= line, or the session's.
	Connection Connection
	// Bandwidth are the line's b= lines.
	Bandwidth []Bandwidth
	// Attributes of the line alone.
	Attributes []Attribute
	// session is where attributes are looked up that the line does not have, sessionBandwidth what bounds all lines together.
	session          []Attribute
	sessionBandwidth []Bandwidth
}

// Kind of media, KindUnknown for what is none. Of "application" lines those over RTP can be camera control.
func (m *MediaDescription) Kind() media.Kind {
	switch strings.ToLower(m.Media) {
	case "audio":
		return media.Audio
	case "video":
		return media.Video
	case "application":
		return media.Control
	default:
		return media.KindUnknown
	}
}

// Attribute gives the first value of key in the line, and whether it is there.
func (m *MediaDescription) Attribute(key string) (string, bool) { return find(m.Attributes, key) }

// inherited gives the line's value of key, or the session's.
func (m *MediaDescription) inherited(key string) (string, bool) {
	if v, ok := find(m.Attributes, key); ok {
		return v, true
	}
	return find(m.session, key)
}

func find(list []Attribute, key string) (string, bool) {
	for _, a := range list {
		if strings.EqualFold(a.Key, key) {
			return a.Value, true
		}
	}
	return "", false
}
