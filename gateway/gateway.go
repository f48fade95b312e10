package gateway

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"sync/atomic"
	"time"

	"legroom/configs"
	"legroom/gateway/api"
	"legroom/gateway/tap"
	"legroom/internal/clock"
	"legroom/internal/logkey"
	"legroom/internal/run"
	"legroom/internal/version"
	"legroom/peer"
	"legroom/prompts"
	"legroom/rooms"
	"legroom/sip"
	"legroom/web"
)

// Gateway is the whole program but its command line.
type Gateway struct {
	cfg  configs.Config
	log  *slog.Logger
	cert tls.Certificate

	listeners
	encryption

	clock     *clock.Clock
	rooms     *rooms.Registry
	peers     *peer.Engine
	sip       *sip.Server
	hub       *api.Hub
	directory *directory
	reception *reception
	ledger    *ledger
	prompts   *prompts.Set
	draining  atomic.Bool
}

// listeners of HTTP.
type listeners struct {
	web     *server
	operate *server // nil when there is none
}

// New opens every socket and reads or makes what the state folder holds, so that what is missing or taken is a clear
// error at once. Nothing runs before Run; a Gateway that is not run must be closed.
// Errors: *StateError, *e2ee.IdentityError, *CertificateError, *ListenError, *sip.ListenError, those of package prompts.
func New(cfg configs.Config, log *slog.Logger) (g *Gateway, err error) {
	g = &Gateway{cfg: cfg, log: log}
	defer func() {
		if err != nil {
			g.Close()
			g = nil
		}
	}()
	dir, err := openStateDir(cfg.StateDir)
	if err != nil {
		return g, err
	}
	if g.prompts, err = prompts.Load(cfg.Prompts); err != nil {
		return g, fmt.Errorf("gateway: %w", err)
	}
	if g.directory, err = newDirectory(cfg, dir); err != nil {
		return g, err
	}
	if g.cert, err = certificateOf(cfg.Web, dir, time.Now(), log); err != nil {
		return g, err
	}
	g.makeRooms()
	if err = g.makeEncryption(dir); err != nil {
		return g, err
	}
	m := newMetrics()
	if err = g.makePhones(dir, m); err != nil {
		return g, err
	}
	if err = g.makeWeb(dir, m); err != nil {
		return g, err
	}
	if err := dir.probe(); err != nil {
		log.Warn("state folder cannot be written; all that is needed now is in it", logkey.Err, err, logkey.Fix, Explain(err))
	}
	return g, nil
}

func (g *Gateway) makeRooms() {
	g.clock = clock.New(clock.Config{})
	cfg := g.cfg.Audio
	cfg.Clock, cfg.Log, cfg.Policy = g.clock, g.log, g.directory.policy
	g.rooms = rooms.New(cfg)
}

// makePhones makes all that telephones need.
func (g *Gateway) makePhones(dir stateDir, m *metrics) (err error) {
	g.ledger = newLedger(g.cfg.Calls.RefusedKept, g.log)
	places := newSeats(g.cfg.Calls.PerSource)
	m.registry.MustRegister(newNow(g.ledger, places, g.rooms))
	guard := newGuard(g.cfg.Calls.Throttle, g.log, m.alarm)
	g.reception = newReception(receptionConfig{
		Rooms: g.rooms, Directory: g.directory, Guard: guard, Ledger: g.ledger, Seats: places, Prompts: g.prompts,
		Limits: g.cfg.Menu, Common: g.cfg.Calls.CommonNumbers, Emergency: g.cfg.Calls.EmergencyNumbers, Log: g.log,
		Gather: gatherIn(g.meetings), AskHosts: func(by *rooms.Participant) bool { return g.hub.HostAsks(by) },
	}, m.callEnded)
	cfg := g.cfg.SIP
	cfg.Log, cfg.OnRefused = g.log, g.ledger.keepRefusal
	if cfg.StateDir == "" {
		cfg.StateDir = string(dir)
	}
	if g.sip, err = sip.New(cfg, g.reception); err != nil {
		return phonesError(cfg, err)
	}
	return nil
}

// makeWeb makes all that browsers and the operator need.
func (g *Gateway) makeWeb(dir stateDir, m *metrics) (err error) {
	cfg := g.cfg.Browsers
	cfg.Log = g.log
	cfg.Certificate = func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return &g.cert, nil }
	if g.peers, err = peer.New(cfg); err != nil {
		return mediaError(cfg, err)
	}
	m.registry.MustRegister(newMeetingMetrics(g.meetings, g.peers))
	g.hub = api.NewHub(api.HubConfig{
		Door: &door{
			rooms: g.rooms, directory: g.directory, guard: g.reception.cfg.Guard, draining: &g.draining, phoneURI: g.phoneURI,
		},
		Engine: g.peers, Slots: api.SlotCounts{Audio: cfg.AudioSlots, Video: cfg.VideoSlots}, Origins: g.cfg.Web.Origins,
		Version: version.Number(), Log: g.log, Meetings: g.meetings, Identity: g.identity, Owners: g.owners,
	})
	pages, err := api.NewPages(api.PagesConfig{
		Files: web.Files(), Hub: g.hub, Ready: g.ready, TrustedCertificate: g.cfg.Web.Certificate != "",
		Client: api.ClientConfig{Version: version.Number(), Languages: g.prompts.Languages()},
	})
	if err != nil {
		return err
	}
	if g.web, err = newServer("web.listen", g.cfg.Web.Listen, pages, &g.cert, g.log); err != nil {
		return err
	}
	if g.cfg.Operate.Listen == "" {
		return nil
	}
	operator := api.NewOperator(api.OperatorConfig{
		Calls: g.ledger, Metrics: m.handler(), Ready: g.ready, Version: version.Number(), Identity: g.identity, Meetings: g.meetingLogs(dir),
		Tapper: tap.New(g.rooms, g.log),
	})
	g.operate, err = newServer("operate.listen", g.cfg.Operate.Listen, operator, nil, g.log)
	return err
}

// Close closes the sockets of a Gateway that was never run.
func (g *Gateway) Close() {
	if g.sip != nil {
		_ = g.sip.Close()
	}
	if g.peers != nil {
		ended, cancel := context.WithCancel(context.Background())
		cancel()
		_ = g.peers.Run(ended) // an Engine closes its sockets at the end of Run
	}
	for _, s := range []*server{g.web, g.operate} {
		if s != nil {
			s.close()
		}
	}
}

// Run serves until ctx ends, then drains: no new calls, everybody is told, and who is on a call has Config.Calls.Drain to
// come to an end. A second cancellation is for the caller: force ends at once what still goes on.
func (g *Gateway) Run(ctx context.Context, force <-chan struct{}) error {
	g.log.Info("gateway key", logkey.Fingerprint, g.KeyFingerprint())
	work, life := run.NewGroup(context.WithoutCancel(ctx))
	work.Go("clock", func(ctx context.Context) error { return ended(ctx, g.clock.Run(ctx)) })
	work.Go("rooms", func(ctx context.Context) error { return ended(ctx, g.rooms.Run(ctx)) })
	work.Go("video devices", func(ctx context.Context) error { return ended(ctx, g.findDevices(ctx)) })
	work.Go("browser media", func(ctx context.Context) error { return ended(ctx, g.peers.Run(ctx)) })
	work.Go("meetings", func(ctx context.Context) error { return ended(ctx, g.meetings.Run(ctx)) })
	work.Go("web", g.web.run)
	if g.operate != nil {
		work.Go("operate", g.operate.run)
	}
	fronts, _ := run.NewGroup(context.WithoutCancel(ctx))
	fronts.Go("sip", func(ctx context.Context) error { return ended(ctx, g.sip.Run(ctx)) })
	fronts.Go("visits", g.hub.Run)
	select {
	case <-ctx.Done():
		g.drain(force)
	case <-life.Done():
	}
	g.draining.Store(true)
	// Fronts go first: their callers and visitors still need rooms and a clock to hear the last word.
	fronts.Cancel(api.ErrDraining)
	err := fronts.Wait()
	work.Cancel(api.ErrDraining)
	return errors.Join(err, work.Wait())
}

// ended makes the end that was asked for no error.
func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil && (errors.Is(err, context.Canceled) || errors.Is(err, context.Cause(ctx))) {
		return nil
	}
	return err
}

// drainCheck is how often draining looks whether everybody has gone.
const drainCheck = 50 * time.Millisecond

// drain takes no new calls, tells everybody, waits, and then closes the rooms, whose callers hear why.
func (g *Gateway) drain(force <-chan struct{}) {
	g.draining.Store(true)
	g.log.Info("draining", "calls", g.sip.Dialogs(), "visits", g.hub.Visits(), logkey.DurationMS, g.cfg.Calls.Drain.Milliseconds())
	g.sip.Drain()
	g.reception.drain()
	g.hub.Drain()
	g.wait(force, g.cfg.Calls.Drain, func() bool { return g.sip.Dialogs() == 0 && g.hub.Visits() == 0 })
	for _, r := range g.rooms.Rooms() {
		r.Close(api.ErrDraining)
	}
	g.wait(force, g.cfg.Menu.LastWords, func() bool { return g.sip.Dialogs() == 0 })
}

func (g *Gateway) wait(force <-chan struct{}, most time.Duration, done func() bool) {
	if most <= 0 {
		return
	}
	limit := time.NewTimer(most)
	defer limit.Stop()
	check := time.NewTicker(drainCheck)
	defer check.Stop()
	for !done() {
		select {
		case <-limit.C:
			return
		case <-force:
			return
		case <-check.C:
		}
	}
}

// ready tells whether calls are taken.
func (g *Gateway) ready() bool { return !g.draining.Load() }

// SIPAddr is the address a SIP socket ("udp", "tcp", "tls") is bound to; the zero value when there is none.
func (g *Gateway) SIPAddr(network string) netip.AddrPort { return g.sip.Addr(network) }

// WebAddr is the address the web server is bound to.
func (g *Gateway) WebAddr() netip.AddrPort { return g.web.addr() }

// OperateAddr is the address of the operator's listener; the zero value when there is none.
func (g *Gateway) OperateAddr() netip.AddrPort {
	if g.operate == nil {
		return netip.AddrPort{}
	}
	return g.operate.addr()
}
