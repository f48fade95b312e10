package gateway

import (
	"net"
	"net/netip"
	"slices"
	"strconv"
)

// addresses of this machine that others can reach, IPv4 first; loopback and link-local ones are left out.
func addresses() []netip.Addr {
	found, err := net.InterfaceAddrs()
	if err != nil {
		return nil
	}
	var out []netip.Addr
	for _, f := range found {
		if n, ok := f.(*net.IPNet); ok {
			if a, ok := netip.AddrFromSlice(n.IP); ok {
				a = a.Unmap()
				if !a.IsLoopback() && !a.IsLinkLocalUnicast() && !a.IsMulticast() {
					out = append(out, a)
				}
			}
		}
	}
	slices.SortStableFunc(out, func(a, b netip.Addr) int {
		switch {
		case a.Is4() && !b.Is4():
			return -1
		case !a.Is4() && b.Is4():
			return 1
		default:
			return 0
		}
	})
	return out
}

// reachable is a host that others can reach a socket by: its own, or for one that listens everywhere this machine's first.
func reachable(bound netip.AddrPort) string {
	if bound.Addr().IsValid() && !bound.Addr().IsUnspecified() {
		return bound.Addr().String()
	}
	if all := addresses(); len(all) > 0 {
		return all[0].String()
	}
	return "127.0.0.1"
}

// hostPort joins host and port, without the port when it is the usual one.
func hostPort(host string, port, usual uint16) string {
	if port != usual {
		return net.JoinHostPort(host, strconv.Itoa(int(port)))
	}
	if a, err := netip.ParseAddr(host); err == nil && a.Is6() {
		return "[" + host + "]"
	}
	return host
}
