package meeting_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"legroom/e2ee"
	"legroom/e2ee/e2eetest"
	"legroom/e2ee/ledger"
	"legroom/gateway/meeting"
	"legroom/rooms"
)

func TestConfig(t *testing.T) {
	if _, err := meeting.New(meeting.Config{}); !errors.Is(err, meeting.ErrConfig) {
		t.Errorf("got %v", err)
	}
	_, err := meeting.New(meeting.Config{
		Identity: e2ee.NewIdentity(e2eetest.Seeded(1)), Owners: new(owners), Log: slog.New(slog.DiscardHandler), Dir: "/dev/null/x",
	})
	if err == nil {
		t.Error("logs go nowhere")
	}
}

// TestRunEnds: with the gateway every meeting ends, its log has an end, and what was granted is gone.
func TestRunEnds(t *testing.T) {
	play(t, func(t *testing.T, r *rig) {
		ctx, cancel := context.WithCancelCause(t.Context())
		over := make(chan error)
		go func() { over <- r.Run(ctx) }()
		synctest.Wait()
		if r.Used() != 0 {
			t.Error("a meeting stays that nobody came to")
		}
		anna := r.founded()
		c := r.call("anton")
		r.allow(anna, true)
		held, why := r.room.granted(), errors.New("enough")
		cancel(why)
		if err := <-over; !errors.Is(err, why) {
			t.Errorf("got %v", err)
		}
		if held.Err() == nil || r.room.granted() != nil {
			t.Error("the grant outlives the gateway")
		}
		c.is(t, meeting.Granted, true, nil) // the room sends it away, and says why
		logs, _ := filepath.Glob(filepath.Join(r.cfg.Dir, "*.jsonl"))
		f, err := os.Open(logs[0])
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if rep, err := ledger.Verify(f); err != nil || !rep.Over {
			t.Errorf("%v\n%s", err, rep)
		}
		if a := anna.ask("found", fields{"keyPackage": anna.KeyPackage(), "groupInfo": r.mls.GroupInfo(anna.Browser)}); a.Fault != "internal" {
			t.Errorf("founded all the same: %s %s", a.Type, a.Fault)
		}
	})
}

// TestWithoutLogs: a room that keeps none works as any other.
func TestWithoutLogs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, "")
		anna := r.founded()
		bob := r.page("bob", rooms.Guest, 0x11, 0x31)
		r.admit(anna, bob)
		c := &e2ee.Checkpoint{Version: 1, Group: r.mls.Group(), Transcript: []byte{}, State: e2ee.MarkSealed}
		signed, err := c.Encode()
		if err != nil {
			t.Fatal(err)
		}
		sig := e2ee.SignCheckpoint(anna.Browser.Leaf.Key, signed)
		anna.must("checkpoint", fields{"signed": signed, "sig": sig[:]})
		if err := r.Export("1000", nil); !errors.Is(err, meeting.ErrNoMeeting) {
			t.Errorf("export: %v", err)
		}
		r.Retire()
	})
}

// TestManyAtOnce is for the race detector: browsers come, speak and go, phones call and hang up.
func TestManyAtOnce(t *testing.T) {
	dir := t.TempDir()
	r := newRig(t, dir)
	anna := r.founded()
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for round := range 10 {
				who := &person{id: fmt.Sprint(i), role: rooms.Guest}
				b := r.mls.NewBrowser(e2eetest.Seeded(byte(0x80+i)), byte(0x80+i))
				member := r.meeting.EnterAs(who, func(json.RawMessage) {})
				guard := r.meeting.GuardAs(who)
				text, _ := json.Marshal(fields{"type": "wait", "id": round, "keyPackage": b.KeyPackage()})
				if err := member.Handle(text); err != nil {
					t.Error(err)
				}
				_ = member.Handle([]byte(`{"type":"missed","id":1,"seq":0}`))
				guard([]byte{1, 2, 3})
				member.Leave()
				r.meeting.GoneAs(who)
			}
		})
		all.Go(func() {
			for range 10 {
				pl, err := r.meeting.AskAs(&person{id: fmt.Sprint("phone", i)}, meeting.Line{Kind: e2ee.Phone})
				if err != nil {
					t.Error(err)
					return
				}
				pl.Remind()
				_ = pl.State()
				pl.Close()
			}
		})
	}
	all.Wait()
	requests := make(map[string]bool)
	for _, a := range anna.all("asked") {
		requests[string(a.Request)] = true // some are reminded of
	}
	if back := len(anna.all("withdrawn")); len(requests) == 0 || len(requests) != back {
		t.Errorf("%d requests, %d withdrawn", len(requests), back)
	}
	if cards, gone := len(anna.all("applicant")), len(anna.all("applicantGone")); cards == 0 || cards != gone {
		t.Errorf("%d cards, %d gone", cards, gone)
	}
	anna.gone()
	if r.Used() != 0 {
		t.Error("a meeting stays that nobody is in")
	}
}

// TestTellMayCallBack: what a connection does when it cannot take any more must not stop the others.
func TestTellMayCallBack(t *testing.T) {
	play(t, func(t *testing.T, r *rig) {
		anna := r.founded()
		var member *meeting.Member
		slow := &person{id: "slow", role: rooms.Guest}
		member = r.meeting.EnterAs(slow, func(json.RawMessage) {
			if member != nil {
				member.Leave()
				r.meeting.GoneAs(slow)
			}
		})
		b := r.mls.NewBrowser(e2eetest.Seeded(0x50), 0x50)
		text, _ := json.Marshal(fields{"type": "wait", "id": 1, "keyPackage": b.KeyPackage()})
		if err := member.Handle(text); err != nil {
			t.Fatal(err)
		}
		if len(anna.all("applicant")) != 1 || len(anna.all("applicantGone")) != 1 {
			t.Errorf("%d, %d", len(anna.all("applicant")), len(anna.all("applicantGone")))
		}
	})
}

// TestMuchToTell: where nothing is taken off any more, browsers wait with what they say.
func TestMuchToTell(t *testing.T) {
	play(t, func(t *testing.T, r *rig) {
		anna := r.founded()
		stuck := make(chan struct{})
		slow := r.meeting.EnterAs(&person{id: "slow"}, func(text json.RawMessage) {
			if string(text) != `{"type":"hello","group":"oKGio6SlpqeoqaqrrK2urw==","seated":false}` {
				<-stuck
			}
		})
		go func() { _ = slow.Handle([]byte(`{"type":"refuse","id":1,"epoch":0}`)) }()
		synctest.Wait()
		var said atomic.Int64
		go func() {
			for range 6000 {
				_ = anna.member.Handle([]byte(`{"type":"refuse","id":9,"epoch":0}`))
				said.Add(1)
			}
		}()
		synctest.Wait()
		if n := said.Load(); n < 1000 || n > 5000 {
			t.Errorf("%d messages wait", n)
		}
		close(stuck)
		synctest.Wait()
		if n := said.Load(); n != 6000 {
			t.Errorf("%d messages were said", n)
		}
	})
}
