package visit

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"legroom/e2ee/visitor"
	"legroom/gateway/api"
)

// maxClockError is how far clocks may be apart: keys are dated, and others would refuse ours.
const maxClockError = 10 * time.Minute

// welcomed holds what the gateway says of the room to the invitation, before anything is asked.
func (v *visit) welcomed(_ context.Context, w *api.Welcome) error {
	if min(w.Slots.Audio, w.Slots.Video) < 0 || max(w.Slots.Audio, w.Slots.Video) > maxSlots {
		return fmt.Errorf("%w: it offers %d and %d slots", ErrNoServer, w.Slots.Audio, w.Slots.Video)
	}
	v.welcome = w
	v.report.Name, v.report.Mode = w.Room.Name, w.Room.Mode
	link := v.cfg.Invitation.Link
	if w.Room.Mode == api.ModeOpen {
		if link != nil {
			v.report.Broken = "the gateway says that this room is open, and the link says that it is end-to-end encrypted"
			return errOver
		}
		return nil
	}
	if math.Abs(float64(time.Since(time.UnixMilli(w.Now)))) > float64(maxClockError) {
		return ErrClock
	}
	key, err := visitor.NewJoinKey(visitor.Claim{Room: v.cfg.Invitation.Room, Name: v.cfg.Name, Link: link}, time.Now())
	if err != nil {
		return err
	}
	v.key = key
	return nil
}

// meeting hears the delivery service of the group.
func (v *visit) meeting(ctx context.Context, outer *groupMessage) error {
	if v.key == nil {
		return nil
	}
	switch m := &outer.Message; m.Type {
	case "hello":
		if len(m.Group) == 0 {
			v.cfg.Tell("The meeting has not begun: waiting for its host ...")
			return nil
		}
		return v.line.send(ctx, map[string]any{"type": "meeting", "message": &groupWait{Type: "wait", ID: 1, KeyPackage: v.key.KeyPackage()}})
	case "failed":
		return fmt.Errorf("%w: the gateway does not take its key (%q)", ErrNotLetIn, m.Fault)
	case "welcomed":
		return v.join(ctx, m)
	case "applied":
		return v.applied(m.Record)
	}
	return nil
}

// join opens the Welcome. A group that is not the one of the invitation is a finding, and the worst there is.
func (v *visit) join(ctx context.Context, m *groupSaid) error {
	if v.member != nil {
		return nil
	}
	got, err := visitor.Enter(m.Welcome, v.key, visitor.Expectation{Room: v.cfg.Invitation.Room, Link: v.cfg.Invitation.Link})
	switch {
	case errors.Is(err, visitor.ErrForeign):
		return nil // nor do browsers mind
	case err != nil:
		v.report.Broken = brokenGroup(err)
		return errOver
	}
	v.member, v.seq = got, m.Seq
	v.report.noteGrants(got.State().Policy)
	v.seen.changed(func() { v.seen.member = got })
	if err := v.told(); err != nil {
		return err
	}
	return v.enter(ctx)
}

func brokenGroup(err error) string {
	var refused *visitor.RefusedError
	if errors.As(err, &refused) {
		return refused.Why
	}
	return fmt.Sprintf("what let this test in does not hold together (%v)", err)
}

// told says the epoch's code while there is time to compare it.
func (v *visit) told() error {
	code, err := v.member.LongCode()
	if err != nil {
		return err
	}
	v.cfg.Tell(fmt.Sprintf("Let in by %s. The code of this meeting, #%d, which your page shows as well: %s",
		printable(v.member.Host().Credential.Name), v.member.State().Epoch, code))
	return nil
}

// applied follows a commit, as browsers do: what breaks a rule is ignored.
func (v *visit) applied(r groupRecord) error {
	if v.member == nil || r.Seq <= v.seq {
		return nil
	}
	v.seq = r.Seq
	if r.Kind != "committed" {
		v.report.Moved = r.Kind == "reopened" && r.Epoch < v.member.State().Epoch
		return v.movedOn()
	}
	var err error
	v.seen.changed(func() { _, err = v.member.Apply(r.Commit) })
	v.report.Moved = errors.Is(err, visitor.ErrMoved)
	v.report.noteGrants(v.member.State().Policy)
	return v.movedOn()
}

// movedOn ends the look once the keys are others.
func (v *visit) movedOn() error {
	if v.report.Moved {
		return errOver
	}
	return nil
}
