package gateway

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"time"

	"legroom/gateway/api"
	"legroom/internal/logkey"
	"legroom/internal/run"
	"legroom/menu"
	"legroom/prompts"
	"legroom/rooms"
	"legroom/sip"
)

// receptionConfig is what the reception needs.
type receptionConfig struct {
	Rooms     *rooms.Registry
	Directory *directory
	Guard     *guard
	Ledger    *ledger
	Seats     *seats
	Prompts   *prompts.Set
	Limits    menu.Limits
	// Gather finds the meeting of an encrypted room, which asks its hosts to let callers in; nil for an open room.
	Gather func(*rooms.Room) gathering
	// AskHosts tells the hosts in browsers that one on the telephone wants who waits to be let in; false: there is none.
	AskHosts  func(by *rooms.Participant) bool
	Common    []string
	Emergency []string
	Log       *slog.Logger
}

// reception takes every telephone call: it has a seat or is refused in clear terms, is answered, and led to its room.
type reception struct {
	cfg      receptionConfig
	knocks   *knocks
	draining chan struct{}
	onEnd    func(sip.LegStats)
}

func newReception(cfg receptionConfig, onEnd func(sip.LegStats)) *reception {
	return &reception{cfg: cfg, knocks: newKnocks(), draining: make(chan struct{}), onEnd: onEnd}
}

// Call handles one incoming call from its first ring to its end.
func (r *reception) Call(ctx context.Context, d *sip.Dialog) {
	log := r.cfg.Log.With(logkey.CallID, d.CallID())
	if r.isEmergency(d.Called()) {
		r.refuseEmergency(ctx, d, log)
		return
	}
	free, ok := r.cfg.Seats.take(d.Source().Addr())
	if !ok {
		r.reject(d, log)
		return
	}
	defer free()
	leg, err := d.Answer(ctx)
	if err != nil {
		// The Server has told of what it refused; a caller who gave up needs no line.
		log.Debug("call not answered", logkey.Err, err)
		return
	}
	c := newCaller(r, d, leg, log)
	r.cfg.Ledger.add(c)
	defer r.cfg.Ledger.remove(c)
	g, ctx := run.NewGroup(ctx)
	g.Go("phone leg", leg.Run)
	c.run(ctx, r.called(d.Called()))
	r.told(c)
	r.onEnd(leg.Stats())
	g.Cancel(sip.ErrHungUp)
	if err := g.Wait(); err != nil {
		log.Warn("phone media ended", logkey.Err, err)
	}
}

// reject turns away a call from an address that has all it may have.
func (r *reception) reject(d *sip.Dialog, log *slog.Logger) {
	refuse(d, log, &sip.RuleError{
		Cause: sip.ErrBusy, Rule: "source " + d.Source().Addr().String() + " has all the calls that one address may have",
		Fix: "raise calls.perSource",
	})
}

func refuse(d *sip.Dialog, log *slog.Logger, why *sip.RuleError) {
	if err := d.Reject(why); err != nil && !errors.Is(err, sip.ErrState) {
		log.Debug("call not refused", logkey.Err, err)
	}
}

// called turns what was dialled into the menu's first event: a room, a room with its PIN, or the common number.
func (r *reception) called(user string) menu.Event {
	room, pin, _ := strings.Cut(user, ".")
	switch {
	case room == "" || slices.Contains(r.cfg.Common, room):
		return menu.Called{}
	default:
		return menu.Called{Room: room, PIN: menu.Secret(pin)}
	}
}

// told keeps a call that was turned away by voice with those that were refused. Who was let in once was not refused,
// whatever ended the call.
func (r *reception) told(c *caller) {
	if c.fate.cause == nil || c.fate.letIn {
		return
	}
	fix := fixOf(*c.fate.cause)
	if fix == "" {
		return
	}
	d := c.dialog
	r.cfg.Ledger.tell(c.fate.cause.String(), api.RefusedCall{
		Time: time.Now(), From: d.From().Masked(), To: sip.Mask(d.Called()), Source: d.Source().String(), Transport: d.Transport(),
		Status: 200, Rule: "told by voice: " + c.fate.cause.String(), Fix: fix,
	})
}

// checkPIN asks the directory unless the caller has guessed too often.
func (r *reception) checkPIN(s suspect, room string, pin menu.Secret) menu.PINResult {
	if r.cfg.Guard.spent(s, room) {
		return menu.PINThrottled
	}
	result := r.cfg.Directory.checkPIN(room, pin)
	if result == menu.PINWrong {
		r.cfg.Guard.wrong(s, room)
	}
	return result
}

// first is the language at the start of a call.
func (r *reception) first() string { return r.cfg.Prompts.Languages()[0] }

// drain tells every caller that the service goes down. It is called once.
func (r *reception) drain() { close(r.draining) }

var _ sip.Handler = (*reception)(nil)
