package meeting_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"legroom/e2ee"
	"legroom/e2ee/e2eetest"
	"legroom/e2ee/ledger"
	"legroom/gateway/meeting"
	"legroom/rooms"
)

func TestLogs(t *testing.T) {
	play(t, func(t *testing.T, r *rig) {
		var b bytes.Buffer
		if err := r.Export("1000", &b); !errors.Is(err, meeting.ErrNoMeeting) {
			t.Errorf("export of nothing: %v", err)
		}
		anna := r.founded()
		logs, _ := filepath.Glob(filepath.Join(r.cfg.Dir, "1000-20000101T000000Z-a0a1a2a3a4a5a6a7a8a9aaabacadaeaf.jsonl"))
		if len(logs) != 1 {
			entries, _ := os.ReadDir(r.cfg.Dir)
			t.Fatalf("logs: %v", entries)
		}
		if info, err := os.Stat(logs[0]); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v, %v", info.Mode(), err)
		}
		if err := r.Export("1000", &b); err != nil {
			t.Fatal(err)
		}
		if rep, err := ledger.Verify(bytes.NewReader(b.Bytes())); err != nil || !rep.Holds() || rep.Over {
			t.Errorf("%v\n%s", err, rep)
		}
		anna.gone()
		text, err := os.ReadFile(logs[0])
		if err != nil {
			t.Fatal(err)
		}
		if rep, err := ledger.Verify(bytes.NewReader(text)); err != nil || !rep.Holds() || !rep.Over {
			t.Errorf("%v\n%s", err, rep)
		}
	})
}

func TestCheckpoint(t *testing.T) {
	play(t, func(t *testing.T, r *rig) {
		anna := r.founded()
		c := &e2ee.Checkpoint{Version: 1, Group: r.mls.Group(), Transcript: []byte{}, State: e2ee.MarkSealed}
		signed, err := c.Encode()
		if err != nil {
			t.Fatal(err)
		}
		sig := e2ee.SignCheckpoint(anna.Browser.Leaf.Key, signed)
		anna.must("checkpoint", fields{"signed": signed, "sig": sig[:]})
		for name, test := range map[string]struct {
			who         *page
			signed, sig []byte
			fault       string
		}{
			"short signature": {anna, signed, sig[:5], "malformed"},
			"nothing":         {anna, []byte{}, sig[:], "malformed"},
			"a stranger":      {r.page("dave", rooms.Guest, 0x13, 0x33), signed, sig[:], "leaf"},
		} {
			if a := test.who.ask("checkpoint", fields{"signed": test.signed, "sig": test.sig}); a.Fault != test.fault {
				t.Errorf("%s: %s %s", name, a.Type, a.Fault)
			}
		}
		throttled := false
		for range 20 {
			a := anna.ask("checkpoint", fields{"signed": signed, "sig": sig[:]})
			throttled = throttled || a.Fault == "throttled" && a.After > 0
		}
		if !throttled {
			t.Error("a leaf vouches without end")
		}
		var b bytes.Buffer
		if err := r.Export("1000", &b); err != nil || strings.Count(b.String(), `"checkpoint"`) == 0 {
			t.Errorf("no checkpoint in the log, %v", err)
		}
	})
}

func TestOldLogsAreDeleted(t *testing.T) {
	play(t, func(t *testing.T, r *rig) {
		cfg := r.cfg
		cfg.Keep = 24 * time.Hour
		var err error
		if r.Meetings, err = meeting.New(cfg); err != nil {
			t.Fatal(err)
		}
		r.begin(0xa0)
		r.founded()
		write := func(name string, age time.Duration) string {
			path := filepath.Join(cfg.Dir, name)
			if err := os.WriteFile(path, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			when := time.Now().Add(-age)
			if err := os.Chtimes(path, when, when); err != nil {
				t.Fatal(err)
			}
			return path
		}
		old, young := write("1000-old.jsonl", 25*time.Hour), write("1000-young.jsonl", time.Hour)
		other := write("notes.txt", 1000*time.Hour)
		running, _ := filepath.Glob(filepath.Join(cfg.Dir, "1000-2*.jsonl"))
		if err := os.Chtimes(running[0], time.Unix(1, 0), time.Unix(1, 0)); err != nil {
			t.Fatal(err)
		}
		r.Retire()
		for path, stays := range map[string]bool{old: false, young: true, other: true, running[0]: true} {
			if _, err := os.Stat(path); (err == nil) != stays {
				t.Errorf("%s stays: %v", filepath.Base(path), err == nil)
			}
		}
	})
}

func TestFullLog(t *testing.T) {
	play(t, func(t *testing.T, r *rig) {
		r.SetLimit(24 << 10)
		anna := r.founded()
		bob, carol := r.page("bob", rooms.Guest, 0x11, 0x31), r.page("carol", rooms.Guest, 0x12, 0x32)
		r.admit(anna, bob)
		r.admit(anna, carol)
		c := r.call("phone")
		r.allow(anna, true)
		c.is(t, meeting.Granted, true, nil)
		for i := 0; ; i++ {
			r.mls.Policy.Revision++
			bundle := r.mls.NewBundle(r.mls.Policy.Grants[0], r.epoch+1, anna.Browser.Leaf).Seal()
			if a := r.commit(anna, e2eetest.Commit{Policy: r.mls.Policy}, nil, bundle); a.Fault == "logFull" {
				break
			} else if a.Type != "done" || i > 100 {
				t.Fatalf("answered by %s %s", a.Type, a.Fault)
			}
		}
		// A stranger stays outside, who lost the state of a leaf comes back.
		dave := r.page("dave", rooms.Guest, 0x13, 0x33)
		dave.must("wait", fields{"keyPackage": dave.KeyPackage()})
		if a := r.commit(anna, e2eetest.Commit{Add: []*e2eetest.Browser{dave.Browser}}, e2eetest.Welcome(dave.Browser)); a.Fault != "logFull" {
			t.Errorf("an Add is answered by %s %s", a.Type, a.Fault)
		}
		swap := e2eetest.Commit{Remove: []uint32{2}, Add: []*e2eetest.Browser{dave.Browser}}
		if a := r.commit(anna, swap, e2eetest.Welcome(dave.Browser)); a.Fault != "logFull" {
			t.Errorf("somebody in the place of another is answered by %s %s", a.Type, a.Fault)
		}
		for i := 0; ; i++ { // new keys, which are shorter here
			if a := r.commit(anna, e2eetest.Commit{}, nil); a.Fault == "logFull" {
				break
			} else if a.Type != "done" || i > 100 {
				t.Fatalf("answered by %s %s", a.Type, a.Fault)
			}
		}
		again := r.page("carol again", rooms.Guest, 0x12, 0x42)
		again.must("wait", fields{"keyPackage": again.KeyPackage()})
		back := e2eetest.Commit{Remove: []uint32{2}, Add: []*e2eetest.Browser{again.Browser}}
		if a := r.commit(anna, back, e2eetest.Welcome(again.Browser)); a.Type != "done" {
			t.Errorf("who comes back is answered by %s", a.Fault)
		}
		if _, in, _ := again.state(); !in {
			t.Error("who comes back is not in")
		}
		if a := r.commit(anna, e2eetest.Commit{Remove: []uint32{2}}, nil); a.Type != "done" {
			t.Errorf("a kick is answered by %s", a.Fault)
		}
		r.mls.Revoke(r.identity.Key())
		if a := r.commit(bob, e2eetest.Commit{Policy: r.mls.Policy}, nil); a.Type != "done" {
			t.Errorf("a revocation is answered by %s", a.Fault)
		}
		c.is(t, meeting.Revoked, true, rooms.ErrRevoked)
		if _, _, cause := carol.state(); cause != rooms.ErrReplaced {
			t.Errorf("Carol left: %v", cause)
		}
		if _, _, cause := again.state(); cause != rooms.ErrRemoved {
			t.Errorf("Carol left: %v", cause)
		}
	})
}

func TestNoRoomForALog(t *testing.T) {
	play(t, func(t *testing.T, r *rig) {
		r.SetLimit(100)
		anna := r.page("anna", rooms.Host, 0x10, 0x30)
		a := anna.ask("found", fields{"keyPackage": anna.KeyPackage(), "groupInfo": r.mls.GroupInfo(anna.Browser)})
		if logs, _ := filepath.Glob(filepath.Join(r.cfg.Dir, "*")); a.Fault != "logFull" || len(logs) > 0 || r.owners.known {
			t.Errorf("answered by %s %s, logs %v", a.Type, a.Fault, logs)
		}
	})
}
