package gateway

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"time"

	"legroom/internal/logkey"
	"legroom/internal/run"
	"legroom/menu"
	"legroom/sip"
)

// isEmergency tells whether a number is one where nobody here can help. What stands behind a dot is no part of it.
func (r *reception) isEmergency(called string) bool {
	number, _, _ := strings.Cut(called, ".")
	return slices.Contains(r.cfg.Emergency, number)
}

// refuseEmergency never answers such a call: an exchange takes an answer for help that was reached and tries no other
// way. A known exchange is refused at once, for there each second counts and it has words of its own; anybody else hears
// ours first (docs/decisions/0007-emergency-numbers.md).
func (r *reception) refuseEmergency(ctx context.Context, d *sip.Dialog, log *slog.Logger) {
	if !r.cfg.Guard.isTrunk(d.Source().Addr()) {
		if leg, err := d.Progress(); err != nil {
			log.Debug("caller cannot be spoken to", logkey.Err, err)
		} else {
			r.announce(ctx, leg, log, menu.NoEmergency)
		}
	}
	refuse(d, log, &sip.RuleError{
		Cause: sip.ErrEmergency, Rule: "emergency number",
		Fix: "send emergency calls another way; take the number out of calls.emergencyNumbers if it is none in your country",
	})
}

// announce says one thing to a caller who is not answered, and returns when it is said or nobody listens any more.
func (r *reception) announce(ctx context.Context, leg *sip.Leg, log *slog.Logger, what menu.PromptID) {
	booth, err := r.cfg.Rooms.NewBooth(seat{leg})
	if err != nil {
		log.Warn("caller cannot be spoken to", logkey.Err, err)
		return
	}
	defer booth.Close()
	g, ctx := run.NewGroup(ctx)
	g.Go("phone leg", leg.Run)
	limit := time.NewTimer(r.cfg.Limits.LastWords)
	defer limit.Stop()
	select {
	case <-booth.Whisper(r.cfg.Prompts.Clip(r.first(), string(what))).Done():
	case <-limit.C:
	case <-leg.Done():
	case <-ctx.Done():
	}
	g.Cancel(sip.ErrEmergency)
	if err := g.Wait(); err != nil {
		log.Warn("phone media ended", logkey.Err, err)
	}
}
