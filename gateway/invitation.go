package gateway

import (
	"fmt"
	"slices"
	"strings"
)

// Invitation is how people come into one room. It holds secrets: show it, never log it.
type Invitation struct {
	// Number and Name of the room.
	Number, Name string
	// HostLink and GuestLink for browsers.
	HostLink, GuestLink string
	// Phone is what to dial.
	Phone string
	// PIN and HostPIN to enter; empty where none is asked for.
	PIN, HostPIN string
}

// Invitations to the rooms of the configuration, in its order.
func (g *Gateway) Invitations() []Invitation {
	out := make([]Invitation, 0, len(g.cfg.Rooms))
	for _, r := range g.cfg.Rooms {
		e, _ := g.directory.find(r.Number)
		i := Invitation{
			Number: r.Number, Name: r.Name, Phone: g.phoneURI(r.Number), PIN: e.secrets.PIN, HostPIN: e.secrets.HostPIN,
			HostLink:  fmt.Sprintf("%s/r/%s#h.%s", g.WebURL(), r.Number, e.secrets.HostSecret),
			GuestLink: fmt.Sprintf("%s/r/%s#g.%s", g.WebURL(), r.Number, e.secrets.GuestSecret),
		}
		if i.Name == "" {
			i.Name = r.Number
		}
		out = append(out, i)
	}
	return out
}

// WebURL is where the page is, as it stands in links.
func (g *Gateway) WebURL() string {
	if g.cfg.Web.URL != "" {
		return g.cfg.Web.URL
	}
	at := g.web.addr()
	return "https://" + hostPort(reachable(at), at.Port(), 443)
}

// SIPURIs are the addresses to dial for a user, one for each transport.
func (g *Gateway) SIPURIs(user string) []string {
	var out []string
	for _, network := range []string{"udp", "tcp", "tls"} {
		at := g.sip.Addr(network)
		if !at.IsValid() {
			continue
		}
		host := g.cfg.SIP.Advertise
		if host == "" {
			host = reachable(at)
		}
		uri := "sip:"
		if user != "" {
			uri += user + "@"
		}
		switch network {
		case "tls":
			uri += hostPort(host, at.Port(), 5061) + ";transport=tls"
		case "tcp":
			uri += hostPort(host, at.Port(), 5060) + ";transport=tcp"
		default:
			uri += hostPort(host, at.Port(), 5060)
		}
		out = append(out, uri)
	}
	return out
}

// phoneURI is what a page tells people to dial.
func (g *Gateway) phoneURI(number string) string {
	all := g.SIPURIs(number)
	if len(all) == 0 {
		return ""
	}
	return all[0]
}

// Fingerprint of the web certificate (SHA-256), to compare with what a browser shows.
func (g *Gateway) Fingerprint() string { return fingerprint(g.cert) }

// OwnCertificate tells that browsers will warn of a certificate of our own making.
func (g *Gateway) OwnCertificate() bool { return g.cfg.Web.Certificate == "" }

// CommonNumbers are those where the menu asks for the room.
func (g *Gateway) CommonNumbers() string {
	return strings.Join(slices.Clone(g.cfg.Calls.CommonNumbers), ", ")
}
