package gateway_test

import (
	"encoding/json"
	"testing"
	"time"

	"legroom/configs"
	"legroom/e2ee"
	"legroom/e2ee/e2eetest"
	"legroom/gateway/api"
	"legroom/rooms"
	"legroom/sip/siptest"
)

// inCard is what a host's browser is told of who waits.
type inCard struct {
	Message struct{ Type, Participant string }
}

// TestDenyByTheCard: the card that the group's service shows names the participant whom a host sends away by it.
func TestDenyByTheCard(t *testing.T) {
	t.Parallel()
	r := start(t, mixed)
	messages := groupMessages(t)
	host := founds(r, messages)
	bob := waits(r, messages, "Bob")
	var card inCard
	if err := json.Unmarshal(host.await("meeting", func(m message) bool { return m.inGroup().Type == "applicant" }).raw, &card); err != nil {
		t.Fatal(err)
	}
	if card.Message.Participant == "" || card.Message.Participant != bob.greeting().Participant {
		t.Fatalf("the card names %q", card.Message.Participant)
	}
	host.send(map[string]any{"type": "deny", "participant": card.Message.Participant, "re": 7})
	host.await("ok", func(m message) bool { return m.Re != nil && *m.Re == 7 })
	bob.await("bye", func(m message) bool { return m.Code == "denied" })
	if got := bob.closed(); got != 4004 {
		t.Errorf("close code %d", got)
	}
	host.awaited("applicantGone", nil)
}

// TestHostLinkIsNotEnough: whom the group let in as a guest commands nobody, though it came by the link of hosts; nor does
// it while it waits.
func TestHostLinkIsNotEnough(t *testing.T) {
	t.Parallel()
	r := start(t, mixed)
	messages := groupMessages(t)
	host := founds(r, messages)
	bob := r.browser("1000", "h."+hostSecret, "name", "Bob")
	bob.asks(1, "wait", map[string]any{"keyPackage": messages["keyPackage.bob"]})
	bob.send(map[string]any{"type": "muteAll", "re": 1})
	if m := bob.await("error", func(m message) bool { return m.Re != nil && *m.Re == 1 }); m.Code != "notAdmitted" {
		t.Errorf("in the lobby: %s", m.raw)
	}
	waits(r, messages, "Carol").awaited("hello", nil)
	host.asks(2, "submit", map[string]any{"commit": messages["commit.add"], "welcome": messages["welcome.add"], "bundles": []any{}})
	bob.await("admitted", nil)
	for i, command := range []map[string]any{
		{"type": "muteAll"}, {"type": "lock", "locked": true}, {"type": "remove", "participant": host.greeting().Participant, "ban": false},
	} {
		command["re"] = 10 + i
		bob.send(command)
		if m := bob.await("error", func(m message) bool { return m.Re != nil && *m.Re == int64(10+i) }); m.Code != "notHost" {
			t.Errorf("%v: %s", command["type"], m.raw)
		}
	}
	host.until("Bob is a guest", func() bool { p, ok := host.named("Bob"); return ok && p.Role == api.RoleGuest })
	host.send(map[string]any{"type": "lock", "locked": true, "re": 3})
	host.await("ok", func(m message) bool { return m.Re != nil && *m.Re == 3 })
}

// TestMadeHost: who came by a link for guests and was made host by a commit is host for the server, and the one whom a host on
// the telephone has asked. Before there is one the caller would hear that nobody can let anybody in.
func TestMadeHost(t *testing.T) {
	t.Parallel()
	r, h := startEncrypted(t, rooms.Mixed, true)
	mls := e2eetest.NewMeeting("1000", time.Now())
	a, b := mls.NewBrowser(e2eetest.Seeded(0x10), 0x30), mls.NewBrowser(e2eetest.Seeded(0x11), 0x31)
	commit := func(by *browser, id int, c e2eetest.Commit, welcome []byte) {
		fields := map[string]any{"commit": mls.Commit(c), "bundles": []any{}}
		if welcome != nil {
			fields["welcome"] = welcome
		}
		by.asks(id, "submit", fields)
	}
	anna := r.browser("1000", "h."+hostSecret, "name", "Anna")
	anna.asks(1, "found", map[string]any{"keyPackage": a.KeyPackage(), "groupInfo": mls.GroupInfo(a)})
	bob := r.browser("1000", "g."+guestSecret, "name", "Bob")
	bob.asks(1, "wait", map[string]any{"keyPackage": b.KeyPackage()})
	commit(anna, 2, e2eetest.Commit{Add: []*e2eetest.Browser{b}}, e2eetest.Welcome(b))
	bob.await("admitted", nil)
	bob.send(map[string]any{"type": "muteAll", "re": 2})
	if m := bob.await("error", func(m message) bool { return m.Re != nil && *m.Re == 2 }); m.Code != "notHost" {
		t.Errorf("before: %s", m.raw)
	}
	mls.Policy.Hosts = append(mls.Policy.Hosts, e2ee.NewHostEntry(a.Identity, mls.Group(), e2eetest.Public(b.Identity)))
	mls.Policy.Revision++
	commit(anna, 3, e2eetest.Commit{Epoch: 1, Policy: mls.Policy}, nil)
	bob.await("notice", func(m message) bool { return m.Code == "madeHost" })
	anna.send(map[string]any{"type": "leave"})
	anna.closed()
	for i, command := range []map[string]any{{"type": "muteAll"}, {"type": "lock", "locked": true}, {"type": "lock", "locked": false}} {
		command["re"] = 10 + i
		bob.send(command)
		bob.await("ok", func(m message) bool { return m.Re != nil && *m.Re == int64(10+i) })
	}
	carol := r.browser("1000", "g."+guestSecret, "name", "Carol")
	bob.until("a host sees who waits", func() bool { p, ok := bob.named("Carol"); return ok && p.State == api.StateWaiting })
	call := r.phone(siptest.Options{User: "+4930123456789"}).Invite("1000." + hostPIN).Answered()
	h.asks(0).grant(0)
	r.phase("in the room")
	call.Media.Press("#")
	bob.await("notice", func(m message) bool { return m.Code == "hostAsked" })
	p, _ := bob.named("Carol")
	bob.send(map[string]any{"type": "deny", "participant": p.ID, "re": 20})
	carol.await("bye", func(m message) bool { return m.Code == "denied" })
}

// TestBackIntoTheLobby: whose group has ended waits again, on the same connection, and is admitted again with the next one.
func TestBackIntoTheLobby(t *testing.T) {
	t.Parallel()
	r := start(t, mixed, func(c *configs.Config) { c.Encryption.KeepLogs = 0 })
	messages := groupMessages(t)
	host := founds(r, messages)
	host.asks(2, "wait", map[string]any{"keyPackage": messages["keyPackage.anna"]}) // it has lost the state of its leaf
	host.until("the lobby", func() bool { return host.count("waiting") == 2 })
	host.send(map[string]any{"type": "lock", "locked": true, "re": 3})
	if m := host.await("error", func(m message) bool { return m.Re != nil && *m.Re == 3 }); m.Code != "notAdmitted" {
		t.Errorf("in the lobby: %s", m.raw)
	}
	host.asks(4, "found", map[string]any{"keyPackage": messages["keyPackage.anna"], "groupInfo": messages["groupInfo.0"]})
	host.until("the room", func() bool { return host.count("admitted") == 2 })
	host.send(map[string]any{"type": "lock", "locked": true, "re": 5})
	host.await("ok", func(m message) bool { return m.Re != nil && *m.Re == 5 })
}

// count is how many messages of a type came.
func (b *browser) count(kind string) (n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, m := range b.got {
		if m.Type == kind {
			n++
		}
	}
	return n
}
