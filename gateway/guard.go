package gateway

import (
	"log/slog"
	"net/netip"
	"slices"

	"legroom/configs"
	"legroom/internal/logkey"
	"legroom/sip"
)

// guard makes guessing expensive: wrong PINs are counted by where they come from, by calling number and by room, wrong
// links by where they come from. A budget that is spent is an alarm in the log.
type guard struct {
	cfg     configs.Throttle
	log     *slog.Logger
	onAlarm func(kind string)

	sources, numbers, rooms, links *throttle
}

func newGuard(cfg configs.Throttle, log *slog.Logger, onAlarm func(kind string)) *guard {
	return &guard{
		cfg: cfg, log: log, onAlarm: onAlarm,
		sources: newThrottle(cfg.PerSource, cfg.Window), numbers: newThrottle(cfg.PerNumber, cfg.Window),
		rooms: newThrottle(cfg.PerRoom, cfg.Window), links: newThrottle(cfg.Links, cfg.Window),
	}
}

// suspect is who tries a PIN.
type suspect struct {
	source netip.Addr
	caller sip.Party
	user   string // digest user, proven; empty where none was asked
}

// sourceKey tells sources apart. Behind a telephone exchange all share an address, and the calling number is the source;
// an IPv6 source is its network, for it has addresses without end.
func (g *guard) sourceKey(s suspect) string {
	if s.user != "" {
		return "user " + s.user
	}
	key := networkOf(s.source)
	if g.isTrunk(s.source) {
		key += " " + s.caller.User
	}
	return key
}

// isTrunk tells whether an address is that of a telephone exchange.
func (g *guard) isTrunk(a netip.Addr) bool {
	return slices.ContainsFunc(g.cfg.Trunks, func(p netip.Prefix) bool { return p.Contains(a.Unmap()) })
}

func networkOf(a netip.Addr) string {
	a = a.Unmap()
	if a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.String()
}

// spent tells whether a PIN may not be tried.
func (g *guard) spent(s suspect, room string) bool {
	return g.sources.spent(g.sourceKey(s)) || g.rooms.spent(room) || s.caller.User != "" && g.numbers.spent(s.caller.User)
}

// wrong counts a wrong PIN.
func (g *guard) wrong(s suspect, room string) {
	if g.sources.wrong(g.sourceKey(s)) {
		g.alarm("source", s, room)
	}
	if s.caller.User != "" && g.numbers.wrong(s.caller.User) {
		g.alarm("number", s, room)
	}
	if g.rooms.wrong(room) {
		g.alarm("room", s, room)
	}
}

func (g *guard) alarm(kind string, s suspect, room string) {
	g.onAlarm(kind)
	g.log.Warn("alarm: too many wrong PINs", logkey.Kind, kind, logkey.Source, s.source.String(),
		logkey.From, s.caller.Masked(), logkey.Room, sip.Mask(room))
}

// linkSpent tells whether an address may not open links.
func (g *guard) linkSpent(source netip.Addr) bool { return g.links.spent(networkOf(source)) }

// wrongLink counts a wrong link.
func (g *guard) wrongLink(source netip.Addr) {
	if g.links.wrong(networkOf(source)) {
		g.onAlarm("link")
		g.log.Warn("alarm: too many wrong links", logkey.Kind, "link", logkey.Source, source.String())
	}
}
