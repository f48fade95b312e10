package visit

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/pion/webrtc/v4"

	"legroom/e2ee"
	"legroom/e2ee/visitor"
	"legroom/gateway/api"
	"legroom/gateway/selftest"
)

// errOver ends a visit that has seen what there is to see.
var errOver = errors.New("visit: over")

// visit is one look. One goroutine runs it; tracks put what they receive into its capture.
type visit struct {
	cfg     *Config
	line    *line
	welcome *api.Welcome
	key     *visitor.JoinKey
	member  *visitor.Visitor
	seq     uint64 // of the last record of the group
	seen    *capture
	media   *receiver
	report  *Report
	// admitted tells that the door is open; opened is when media flowed.
	admitted bool
	opened   time.Time
}

// Run visits a room and reports. Errors: ErrNoServer, ErrClock, ErrNotLetIn, ErrMedia, *ByeError, the end of ctx: for all of
// these nothing could be looked at. That the room is not what the invitation says is no error but a finding.
func Run(ctx context.Context, cfg Config, decoders selftest.Decoders) (*Report, error) {
	l, err := dial(ctx, &cfg)
	if err != nil {
		return nil, err
	}
	defer l.close()
	v := &visit{cfg: &cfg, line: l, seen: newCapture(time.Now), report: &Report{Invitation: cfg.Invitation}}
	hello := &api.Hello{
		Head: api.Head{Type: "hello"}, Protocol: api.ProtocolVersion, Room: cfg.Invitation.Room, Key: cfg.Invitation.Key,
		Name: cfg.Name, Language: "en", Muted: true,
	}
	if err := l.send(ctx, hello); err != nil {
		return nil, err
	}
	err = v.run(ctx)
	if v.media != nil {
		v.media.close()
	}
	if err != nil && !errors.Is(err, errOver) {
		return nil, err
	}
	return v.conclude(decoders)
}

// run until it is over: errOver, or why it ended.
func (v *visit) run(ctx context.Context) error {
	limit := time.NewTimer(v.cfg.Wait)
	defer limit.Stop()
	pictures := time.NewTicker(keyframeEvery)
	defer pictures.Stop()
	for {
		var state chan webrtc.PeerConnectionState
		if v.media != nil {
			state = v.media.state
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case data, open := <-v.line.in:
			if !open {
				return fmt.Errorf("%w: the connection broke", ErrNoServer)
			}
			before := v.media
			if err := v.hear(ctx, data); err != nil {
				return err
			}
			if v.media != before {
				limit.Reset(connectTimeout)
			}
		case s := <-state:
			began, err := v.connected(s)
			if err != nil {
				return err
			}
			if began {
				limit.Reset(v.cfg.Look)
			}
		case <-pictures.C:
			if v.media != nil {
				v.media.keyframes()
			}
		case <-limit.C:
			return v.timeUp()
		}
	}
}

// connected begins the look when media can flow.
func (v *visit) connected(s webrtc.PeerConnectionState) (began bool, err error) {
	switch {
	case s == webrtc.PeerConnectionStateFailed && v.opened.IsZero():
		return false, ErrMedia
	case s != webrtc.PeerConnectionStateConnected || !v.opened.IsZero():
		return false, nil
	}
	v.opened = time.Now()
	v.seen.begin()
	v.cfg.Tell(fmt.Sprintf("Looking for %.0f s at what this gateway sends here ...", v.cfg.Look.Seconds()))
	return true, nil
}

func (v *visit) timeUp() error {
	switch {
	case !v.opened.IsZero():
		return errOver
	case v.media != nil:
		return ErrMedia
	default:
		return fmt.Errorf("%w within %v", ErrNotLetIn, v.cfg.Wait)
	}
}

// hear a message of the gateway. What it does not know it leaves alone.
func (v *visit) hear(ctx context.Context, data []byte) error {
	m, err := read[said](data)
	if err != nil {
		return fmt.Errorf("%w: it does not speak JSON", ErrNoServer)
	}
	switch m.Type {
	case "welcome":
		return hearing(ctx, data, v.welcomed)
	case "waiting":
		v.cfg.Tell("Waiting in the lobby for a host to let this test in ...")
	case "admitted":
		v.admitted = true
		return v.enter(ctx)
	case "meeting":
		return hearing(ctx, data, v.meeting)
	case "roster":
		return hearing(ctx, data, v.roster)
	case "rosterChange":
		return hearing(ctx, data, v.rosterChange)
	case "slots":
		return hearing(ctx, data, v.slots)
	case "answer":
		return hearing(ctx, data, func(_ context.Context, a *api.Answer) error { return v.answered(a) })
	case "candidate":
		return hearing(ctx, data, func(_ context.Context, c *api.ServerCandidate) error { return v.candidate(c) })
	case "error":
		return hearing(ctx, data, func(_ context.Context, e *api.ErrorReply) error {
			return fmt.Errorf("%w: the gateway does not want this test's messages (%q)", ErrNoServer, e.Code)
		})
	case "bye":
		return hearing(ctx, data, func(_ context.Context, b *api.Bye) error { return &ByeError{Code: b.Code} })
	}
	return nil
}

// hearing reads a message and hands it on.
func hearing[T any](ctx context.Context, data []byte, to func(context.Context, *T) error) error {
	m, err := read[T](data)
	if err != nil {
		return fmt.Errorf("%w: what it says cannot be read", ErrNoServer)
	}
	return to(ctx, m)
}

// conclude makes the report of what was seen.
func (v *visit) conclude(decoders selftest.Decoders) (*Report, error) {
	r := v.report
	if v.member != nil {
		code, err := v.member.LongCode()
		if err != nil {
			return nil, err
		}
		r.Code, r.Group, r.Host = code, v.member.State(), v.member.Host()
		r.Mode = modeOf(r.Group.Policy.Mode)
		r.Members = v.seen.members(r.Group)
	}
	v.seen.end(r.Moved)
	if !v.opened.IsZero() {
		r.Looked = time.Since(v.opened)
		r.Legs = legs(v.seen, r, v.welcome.Participant, decoders)
	}
	return r, nil
}

func modeOf(m e2ee.Mode) api.Mode {
	if m == e2ee.Sealed {
		return api.ModeSealed
	}
	return api.ModeMixed
}
