package meeting_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"legroom/e2ee"
	"legroom/e2ee/e2eetest"
	"legroom/gateway/meeting"
	"legroom/rooms"
)

func TestMalformed(t *testing.T) {
	for name, text := range map[string]string{
		"nothing": "", "words": "hello", "list": "[]", "no type": `{"id":1}`, "no such type": `{"type":"hello","id":1}`,
		"no id": `{"type":"wait","keyPackage":""}`, "negative id": `{"type":"wait","id":-1,"keyPackage":""}`,
		"large id": `{"type":"wait","id":9007199254740992,"keyPackage":""}`, "half an id": `{"type":"wait","id":0.5,"keyPackage":""}`,
		"not base64": `{"type":"wait","id":1,"keyPackage":"!"}`, "less": `{"type":"found","id":1,"keyPackage":""}`,
		"more": `{"type":"wait","id":1,"keyPackage":"","seq":1}`, "unknown": `{"type":"wait","id":1,"keyPackage":"","x":1}`,
		"an id too much": `{"type":"unwait","id":1}`, "two": `{"type":"unwait"}{"type":"unwait"}`, "null": `{"type":"wait","id":1,"keyPackage":null}`,
		"bundles": `{"type":"submit","id":1,"commit":"","bundles":{}}`, "large epoch": `{"type":"refuse","id":1,"epoch":9007199254740992}`,
		"too long": `{"type":"unwait"` + strings.Repeat(" ", 512<<10) + `}`,
	} {
		if err := meeting.Decode([]byte(text)); !errors.Is(err, meeting.ErrMessage) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, text := range []string{
		`{"type":"unwait"}`, `{"type":"decline","request":"AA=="}`, `{"type":"submit","id":1,"commit":"","bundles":[],"welcome":"AA=="}`,
		`{"type":"checkpoint","id":1,"signed":"","sig":""}`, `{"type":"note","id":1,"sealed":""}`,
	} {
		if err := meeting.Decode([]byte(text)); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"type":"submit","id":1,"commit":"AA==","bundles":["AA=="],"welcome":"AA=="}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		if err := meeting.Decode(text); err != nil && !errors.Is(err, meeting.ErrMessage) {
			t.Error(err)
		}
	})
}

func TestFlood(t *testing.T) {
	play(t, func(t *testing.T, r *rig) {
		anna := r.founded()
		bob := r.page("bob", rooms.Guest, 0x11, 0x31)
		r.admit(anna, bob)
		relayed, throttled := 0, 0
		for range 500 {
			switch a := bob.ask("relay", fields{"message": r.mls.Message(1)}); {
			case a.Type == "done":
				relayed++
			case a.Fault == "throttled" && a.After > 0:
				throttled++
			default:
				t.Fatal(a.Fault)
			}
		}
		if relayed > 30 || throttled < 470 || len(anna.all("relayed")) != relayed {
			t.Errorf("%d relayed, %d throttled", relayed, throttled)
		}
		few := 0
		for range 50 {
			if bob.ask("missed", fields{"seq": 0}).Type == "records" {
				few++
			}
		}
		if few > 10 {
			t.Errorf("the log was read %d times", few)
		}
		for range 500 {
			bob.say(fields{"type": "decline", "request": make([]byte, 16)})
		}
	})
}

func TestFaultsHaveNames(t *testing.T) {
	play(t, func(t *testing.T, r *rig) {
		anna := r.founded()
		bob := r.page("bob", rooms.Guest, 0x11, 0x31)
		r.admit(anna, bob)
		commit := func(c e2eetest.Commit) []byte { return r.mls.Commit(c) }
		for name, test := range map[string]struct {
			who   *page
			kind  string
			f     fields
			fault string
		}{
			"lost":      {anna, "submit", fields{"commit": commit(e2eetest.Commit{}), "bundles": []string{}}, "lost"},
			"ahead":     {anna, "submit", fields{"commit": commit(e2eetest.Commit{Epoch: 9}), "bundles": []string{}}, "epoch"},
			"leaf":      {bob, "submit", fields{"commit": commit(e2eetest.Commit{Epoch: 1}), "bundles": []string{}}, "leaf"},
			"role":      {bob, "submit", fields{"commit": commit(e2eetest.Commit{Epoch: 1, Sender: 1, Remove: []uint32{0}}), "bundles": []string{}}, "role"},
			"roster":    {anna, "submit", fields{"commit": commit(e2eetest.Commit{Epoch: 1, Remove: []uint32{9}}), "bundles": []string{}}, "roster"},
			"bundle":    {anna, "bundle", fields{"sealed": r.mls.NewBundle(e2ee.GrantEntry{N: 1, Request: request(r)}, 1, anna.Browser.Leaf).Seal()}, "bundle"},
			"malformed": {anna, "bundle", fields{"sealed": []byte{1}}, "malformed"},
			"too long":  {anna, "relay", fields{"message": make([]byte, 17<<10)}, "tooLong"},
			"refuse":    {bob, "refuse", fields{"epoch": 7}, "epoch"},
		} {
			if a := test.who.ask(test.kind, test.f); a.Fault != test.fault {
				t.Errorf("%s: %s %s", name, a.Type, a.Fault)
			}
		}
	})
}

func request(r *rig) []byte {
	l, err := r.identity.Ask(e2ee.Ask{
		Room: "1000", Group: r.mls.Group(), Legs: []e2ee.RequestLeg{{Kind: e2ee.Phone}}, NotAfter: time.Now().Add(time.Hour),
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return l.Encoded()
}
