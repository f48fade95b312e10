package sip

import (
	"net/netip"
	"strings"

	gosip "github.com/emiago/sipgo/sip"
)

// path is how requests of ours reach the other side of a dialog (RFC 3261 section 12.2.1.1).
type path struct {
	// transport of the flow the dialog began on: "udp", "tcp" or "tls".
	transport string
	// flow is where the other side's messages come from.
	flow netip.AddrPort
	// target is its Contact.
	target gosip.Uri
	// routes to go through, next hop first.
	routes []gosip.Uri
}

// routesOf gives the Record-Route URIs of a message; reversed for the side that sent the request.
func routesOf(m gosip.Message, reversed bool) []gosip.Uri {
	var out []gosip.Uri
	for _, h := range m.GetHeaders("record-route") {
		if rr, ok := h.(*gosip.RecordRouteHeader); ok {
			out = append(out, *rr.Address.Clone())
		}
	}
	if reversed {
		for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
			out[i], out[j] = out[j], out[i]
		}
	}
	return out
}

// contactOf gives the Contact URI of a message. Its header fields part is dropped: a stranger may not put fields into our
// requests (RFC 3261 section 19.1.5).
func contactOf(m gosip.Message) (gosip.Uri, bool) {
	for _, name := range []string{"contact", "m"} {
		for _, h := range m.GetHeaders(name) {
			if c, ok := h.(*gosip.ContactHeader); ok && (c.Address.Scheme == "sip" || c.Address.Scheme == "sips") && c.Address.Host != "" {
				u := *c.Address.Clone()
				u.Headers = nil
				return u, true
			}
		}
	}
	return gosip.Uri{}, false
}

// request makes a request along the path: Request-URI, Route, transport and destination. The caller adds the rest.
func (p *path) request(method gosip.RequestMethod) *gosip.Request {
	target, routes := p.target, p.routes
	if len(routes) > 0 && !loose(routes[0]) {
		// A strict router gets itself as Request-URI and the target last in Route.
		routes = append(append([]gosip.Uri(nil), routes[1:]...), target)
		target = p.routes[0]
	}
	req := gosip.NewRequest(method, *target.Clone())
	for _, r := range routes {
		req.AppendHeader(&gosip.RouteHeader{Address: *r.Clone()})
	}
	network, dest := p.next()
	req.SetTransport(strings.ToUpper(network))
	req.SetDestination(dest)
	return req
}

func loose(u gosip.Uri) bool {
	for _, kv := range u.UriParams {
		if strings.EqualFold(kv.K, "lr") {
			return true
		}
	}
	return false
}

// next hop: transport and address.
func (p *path) next() (network, dest string) {
	hop := p.target
	if len(p.routes) > 0 {
		hop = p.routes[0]
	}
	network = networkOf(hop, p.transport)
	if network == p.transport && p.flow.IsValid() && p.sameAsFlow(hop) {
		return network, p.flow.String()
	}
	port := hop.Port
	if port == 0 {
		port = gosip.DefaultPort(network)
	}
	return network, hostPort(hop.Host, port)
}

// sameAsFlow tells whether the other side is better reached where its messages come from than where its URI says: over a
// connection that is open (RFC 5923), or through a NAT whose inside it named.
func (p *path) sameAsFlow(hop gosip.Uri) bool {
	ip, err := netip.ParseAddr(strings.Trim(hop.Host, "[]"))
	if err != nil {
		return p.transport != "udp" || strings.HasSuffix(hop.Host, ".invalid")
	}
	ip = ip.Unmap().WithZone("")
	if p.transport != "udp" {
		return ip == p.flow.Addr() || len(p.routes) == 0 && private(ip)
	}
	return len(p.routes) == 0 && ip != p.flow.Addr() && private(ip) && !private(p.flow.Addr())
}

func private(ip netip.Addr) bool { return ip.IsPrivate() || ip.IsLoopback() || ip.IsLinkLocalUnicast() }

// networkOf a URI: its own transport parameter, TLS for sips, else that of the flow.
func networkOf(u gosip.Uri, flow string) string {
	for _, kv := range u.UriParams {
		if !strings.EqualFold(kv.K, "transport") {
			continue
		}
		switch t := strings.ToLower(kv.V); t {
		case "udp", "tls":
			return t
		case "tcp":
			if u.Scheme == "sips" {
				return "tls"
			}
			return t
		}
	}
	if u.Scheme == "sips" {
		return "tls"
	}
	return flow
}
