package sdp

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// LocalFloor is the floor control server of a session (BFCP, RFC 8855), which the peer is to be a client of.
type LocalFloor struct {
	// UDPPort and TCPPort are where it listens; 0 where it does not.
	UDPPort, TCPPort uint16
	// TLS says whether lines over TLS and DTLS are taken, and whether others are. It needs the Fingerprint of Capabilities.
	TLS Policy
	// Conference and User the peer is to name in its messages.
	Conference uint32
	User       uint16
	// Floors there are.
	Floors []FloorStream
}

// FloorStream is a floor and the media line it controls.
type FloorStream struct {
	// Floor number.
	Floor uint16
	// Label of the media line (RFC 4574); empty when it is not said.
	Label string
}

// AgreedFloor is a line of floor control that both sides took. We are the server.
type AgreedFloor struct {
	// Index of the media line.
	Index int
	// Protocol of it.
	Protocol Protocol
	// Remote is the client's address; not valid when it gave a host name. Its port means nothing where the client connects.
	Remote netip.AddrPort
	// Connects tells that we open the TCP connection; otherwise we wait for it.
	Connects bool
	// Version of the protocol to begin with: 1, or 2 over UDP and DTLS.
	Version uint8
	// Keys secure it: DTLS with fingerprints where it runs over TLS or DTLS, else Clear.
	Keys Keys
}

// Roles of floorctrl. Source: RFC 8856 section 5.1.
const (
	clientOnly   = "c-only"
	serverOnly   = "s-only"
	clientServer = "c-s"
)

// FloorStreams lists the floors of a BFCP line, with the labels of what they control. The older "m-stream" is read too.
// Source: RFC 8856 section 5.4, RFC 4583 section 6.
func (m *MediaDescription) FloorStreams() []FloorStream {
	var out []FloorStream
	for _, a := range m.Attributes {
		if !strings.EqualFold(a.Key, "floorid") || len(out) == 16 {
			continue
		}
		f := strings.Fields(a.Value)
		if len(f) == 0 {
			continue
		}
		n, err := strconv.ParseUint(f[0], 10, 16)
		if err != nil {
			continue
		}
		s := FloorStream{Floor: uint16(n)}
		for _, word := range f[1:] {
			key, label, _ := strings.Cut(word, ":")
			if (strings.EqualFold(key, "mstrm") || strings.EqualFold(key, "m-stream")) && s.Label == "" {
				s.Label = label
			}
		}
		out = append(out, s)
	}
	return out
}

// mayBeClient tells whether the sender of the line can be the client. Who says nothing is.
func (m *MediaDescription) mayBeClient() bool {
	v, ok := m.Attribute("floorctrl")
	roles := strings.Fields(strings.ToLower(v))
	return !ok || slices.Contains(roles, clientOnly) || slices.Contains(roles, clientServer)
}

// floorVersion is the best of what the line offers (RFC 8856 section 5.5), and whether it said so.
func (m *MediaDescription) floorVersion() (version uint8, said bool) {
	version = 1
	if m.Protocol.datagrams() {
		version = 2
	}
	v, _ := m.Attribute("bfcpver")
	words := strings.Fields(v)
	for ; version > 1 && len(words) > 0 && !slices.Contains(words, "2"); version-- {
	}
	return version, len(words) > 0
}

// floor decides on a BFCP line of an offer.
func (n *negotiator) floor(i int, m *MediaDescription) (*AgreedFloor, MediaDescription, error) {
	a, err := n.floorTransport(i, m)
	if err != nil {
		return nil, MediaDescription{}, err
	}
	a.Version, _ = m.floorVersion()
	return a, n.describeFloor(m, a), nil
}

// floorTransport looks at what offer and answer share: role, address, transport and protection.
func (n *negotiator) floorTransport(i int, m *MediaDescription) (*AgreedFloor, error) {
	own := n.caps.Floor
	addr := m.Connection.Addr
	switch {
	case m.Port == 0:
		return nil, errPortZero
	case own == nil:
		return nil, errNotHere
	case n.floors != nil:
		return nil, errSecondLine
	case !m.mayBeClient():
		return nil, notUsed(ErrProtocol, "refused: the peer wants to be the floor control server, which is here")
	case addr.IsValid() && addr.Is6() != n.caps.Address.Is6() || addr.IsMulticast():
		return nil, notUsed(ErrAddressFamily, "refused: the peer's address is %s, ours is %s", addr, n.caps.Address)
	case m.Protocol.datagrams() && own.UDPPort == 0, !m.Protocol.datagrams() && own.TCPPort == 0 && m.setup() != setupPassive:
		return nil, notUsed(ErrProtocol, "refused: floor control over %s is not had here", m.Protocol)
	}
	a := &AgreedFloor{Index: i, Protocol: m.Protocol}
	if addr.IsValid() && !addr.IsUnspecified() {
		a.Remote = netip.AddrPortFrom(addr, m.Port)
	}
	if err := n.floorKeys(m, a); err != nil {
		return nil, err
	}
	if !m.Protocol.datagrams() || a.Keys.Security == DTLS {
		if m.setup() == "" {
			return nil, notUsed(ErrProtocol, "refused: neither side may open the connection")
		}
		a.Connects = m.setup() == setupPassive
		a.Keys.DTLSClient = a.Connects
	}
	return a, nil
}

// floorKeys decides on TLS.
func (n *negotiator) floorKeys(m *MediaDescription, a *AgreedFloor) error {
	policy := n.caps.Floor.TLS
	if !m.Protocol.floorTLS() {
		if policy == Required {
			return notUsed(ErrSRTPRequired, "refused: floor control must be over TLS or DTLS here")
		}
		return nil
	}
	prints := m.fingerprints()
	if policy == Off || n.caps.Fingerprint.Value == "" || len(prints) == 0 {
		return notUsed(ErrSRTPRefused, "refused: floor control over TLS is off here, or the peer gave no fingerprint")
	}
	a.Keys = Keys{Security: DTLS, Fingerprints: prints}
	return nil
}

// describeFloor is our line. The role is said even where the offer does not, for the default is not the same in all RFCs.
// Source: RFC 8856 section 10.
func (n *negotiator) describeFloor(theirs *MediaDescription, a *AgreedFloor) MediaDescription {
	own := n.caps.Floor
	m := MediaDescription{Media: theirs.Media, Port: own.UDPPort, Protocol: theirs.Protocol, Formats: []string{"*"}}
	setup := role(a.Connects)
	if !a.Protocol.datagrams() {
		m.Port = own.TCPPort
		if a.Connects {
			m.Port = 9 // RFC 4145 section 4.1: the port of who connects means nothing
		}
		m.Attributes = append(m.Attributes, Attribute{"setup", setup}, Attribute{"connection", n.connection(theirs, a)})
	}
	if a.Keys.Security == DTLS {
		if a.Protocol.datagrams() {
			m.Attributes = append(m.Attributes, Attribute{"setup", setup})
		}
		m.Attributes = append(m.Attributes, Attribute{"fingerprint", n.caps.Fingerprint.String()})
	}
	m.Attributes = append(m.Attributes, n.floorAttributes(theirs.streamWord())...)
	if _, said := theirs.floorVersion(); said {
		m.Attributes = append(m.Attributes, Attribute{"bfcpver", strconv.Itoa(int(a.Version))})
	}
	return m
}

// streamWord is what the line calls the label of a stream: endpoints of before RFC 8856 may know the older word alone.
func (m *MediaDescription) streamWord() string {
	for _, a := range m.Attributes {
		if strings.EqualFold(a.Key, "floorid") && strings.Contains(strings.ToLower(a.Value), " m-stream:") {
			return "m-stream"
		}
	}
	return "mstrm"
}

// floorAttributes are the role, the numbers and the floors.
func (n *negotiator) floorAttributes(streamWord string) []Attribute {
	own := n.caps.Floor
	out := []Attribute{
		{"floorctrl", serverOnly}, {"confid", strconv.FormatUint(uint64(own.Conference), 10)}, {"userid", strconv.Itoa(int(own.User))},
	}
	for _, f := range own.Floors {
		v := strconv.Itoa(int(f.Floor))
		if f.Label != "" {
			v += " " + streamWord + ":" + f.Label
		}
		out = append(out, Attribute{"floorid", v})
	}
	return out
}

// connection keeps a running one where the offer asks for that (RFC 4145 section 5).
func (n *negotiator) connection(theirs *MediaDescription, a *AgreedFloor) string {
	wish, _ := theirs.Attribute("connection")
	if strings.EqualFold(wish, "existing") && n.caps.Previous != nil && n.caps.Previous.Floor != nil && n.caps.Previous.Floor.Index == a.Index {
		return "existing"
	}
	return "new"
}

// offerFloor is a line of ours: over UDP where there is a port for it, else over TCP, where we let the client choose who
// connects. A line that runs is offered as it was.
func (n *negotiator) offerFloor(before *AgreedFloor, proto Protocol) MediaDescription {
	own := n.caps.Floor
	switch {
	case before != nil:
		proto = before.Protocol
	case own.UDPPort == 0 && proto == "":
		proto = BFCPTCP
	case proto == "":
		proto = BFCPUDP
	}
	if before == nil && own.TLS == Required {
		if proto = BFCPTLS; own.UDPPort != 0 {
			proto = BFCPDTLS
		}
	}
	m := MediaDescription{Media: "application", Port: own.UDPPort, Protocol: proto, Formats: []string{"*"}}
	if !proto.datagrams() {
		state := "new"
		if before != nil {
			state = "existing"
		}
		m.Port = own.TCPPort
		m.Attributes = append(m.Attributes, Attribute{"setup", offeredSetup(before)}, Attribute{"connection", state})
	}
	if proto.floorTLS() {
		if proto.datagrams() {
			m.Attributes = append(m.Attributes, Attribute{"setup", offeredSetup(before)})
		}
		m.Attributes = append(m.Attributes, Attribute{"fingerprint", n.caps.Fingerprint.String()})
	}
	m.Attributes = append(m.Attributes, n.floorAttributes("mstrm")...)
	if proto.datagrams() {
		m.Attributes = append(m.Attributes, Attribute{"bfcpver", "2 1"})
	}
	return m
}

// offeredSetup keeps the roles of what runs.
func offeredSetup(before *AgreedFloor) string {
	if before == nil {
		return setupActpass
	}
	return role(before.Connects)
}

// acceptFloor reads the answer to a BFCP line of ours.
func (n *negotiator) acceptFloor(i int, own, theirs *MediaDescription) (*AgreedFloor, error) {
	if theirs.Protocol.norm() != own.Protocol.norm() || n.caps.Floor == nil {
		return nil, notUsed(ErrMismatch, "not usable: %s was not offered", theirs.Protocol)
	}
	a, err := n.floorTransport(i, theirs)
	if err != nil {
		return nil, err
	}
	a.Version, _ = theirs.floorVersion()
	return a, nil
}

// words tells what was taken.
func (a *AgreedFloor) words() string {
	s := "taken: floor control over " + string(a.Protocol.norm()) + ", the server is here"
	if !a.Protocol.datagrams() {
		s += ", we are " + role(a.Connects)
	}
	return s
}
