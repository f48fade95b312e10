package gateway_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"legroom/configs"
	"legroom/e2ee/e2eetest"
	"legroom/gateway/api"
	"legroom/rooms"
	"legroom/sip/siptest"
)

// groupMessages are what real browsers sent in one meeting in room 1000: Anna began it, and owns the room.
func groupMessages(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "e2ee", "delivery", "testdata", "messages.json"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Messages map[string]string }
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	out := make(map[string]string, len(file.Messages))
	for name, h := range file.Messages {
		b, err := hex.DecodeString(h)
		if err != nil {
			t.Fatal(err)
		}
		out[name] = base64.StdEncoding.EncodeToString(b)
	}
	return out
}

// anna's identity key in those messages.
func anna() string {
	key := e2eetest.Public(e2eetest.Seeded(0x10))
	return base64.RawURLEncoding.EncodeToString(key[:])
}

func mixed(c *configs.Config) { c.Rooms[0].Mode, c.Rooms[0].Lobby = rooms.Mixed, true }

// inGroup is what is in a message of the group, as far as these tests look.
type inGroup struct {
	Type   string
	ID     int
	Fault  string
	Seated bool
	Group  string
	Leaf   int
	Here   bool
}

func (m message) inGroup() (in inGroup) {
	var outer struct{ Message inGroup }
	if json.Unmarshal(m.raw, &outer) == nil {
		in = outer.Message
	}
	return in
}

// tells sends a message to the group, awaited waits for one.
func (b *browser) tells(fields map[string]any) {
	b.t.Helper()
	b.send(map[string]any{"type": "meeting", "message": fields})
}

func (b *browser) awaited(what string, ok func(inGroup) bool) inGroup {
	b.t.Helper()
	return b.await("meeting", func(m message) bool { in := m.inGroup(); return in.Type == what && (ok == nil || ok(in)) }).inGroup()
}

// asks sends a question and wants it done.
func (b *browser) asks(id int, kind string, fields map[string]any) {
	b.t.Helper()
	question := map[string]any{"type": kind, "id": id}
	maps.Copy(question, fields)
	b.tells(question)
	answer := b.await("meeting", func(m message) bool { return m.inGroup().ID == id }).inGroup()
	if answer.Type != "done" {
		b.t.Fatalf("%s: %+v", kind, answer)
	}
}

// founds has a host begin Anna's group.
func founds(r *rig, messages map[string]string) *browser {
	r.t.Helper()
	host := r.browser("1000", "h."+hostSecret, "name", "Anna")
	host.awaited("hello", func(in inGroup) bool { return !in.Seated && in.Group == "" })
	host.asks(1, "found", map[string]any{"keyPackage": messages["keyPackage.anna"], "groupInfo": messages["groupInfo.0"]})
	host.await("admitted", nil)
	return host
}

// waits has a guest come and wait to be added.
func waits(r *rig, messages map[string]string, name string) *browser {
	r.t.Helper()
	b := r.browser("1000", "g."+guestSecret, "name", name)
	b.asks(1, "wait", map[string]any{"keyPackage": messages["keyPackage."+strings.ToLower(name)]})
	return b
}

func (b *browser) leafOf(name string) int {
	if p, ok := b.named(name); ok && p.Leaf != nil {
		return int(*p.Leaf)
	}
	return -1
}

// TestMeeting has a whole meeting: everybody waits, the host too; letting in is the host's commit, and so is putting out.
func TestMeeting(t *testing.T) {
	t.Parallel()
	r := start(t, mixed)
	messages := groupMessages(t)
	host := founds(r, messages)
	if w := host.greeting(); w.Room.Mode != api.ModeMixed || w.Now == 0 || w.Encryption == nil || w.Encryption.Owner != "" ||
		w.Encryption.GatewayFingerprint != r.KeyFingerprint() || w.Encryption.AutoAdmit || w.Encryption.MaxScope != api.MaxScopeAudio {
		t.Errorf("welcome %+v, %+v", w, w.Encryption)
	}
	host.until("host has its leaf", func() bool { return host.leafOf("Anna") == 0 })
	bob, carol := waits(r, messages, "Bob"), waits(r, messages, "Carol")
	if w := bob.greeting(); w.Encryption == nil || w.Encryption.Owner != anna() || w.Encryption.OwnerPinned {
		t.Errorf("a guest is told %+v", w.Encryption)
	}
	bob.await("waiting", nil)
	bob.send(map[string]any{"type": "offer", "id": 1, "sdp": "v=0", "tracks": []any{}, "re": 1})
	if m := bob.await("error", nil); m.Code != "notAdmitted" {
		t.Errorf("offer of who waits: %s", m.raw)
	}
	host.until("host sees who waits", func() bool { p, ok := host.named("Bob"); return ok && p.State == api.StateWaiting })
	p, _ := host.named("Bob")
	for i, command := range []string{"admit", "passHost"} {
		host.send(map[string]any{"type": command, "participant": p.ID, "re": 20 + i})
		if m := host.await("error", func(m message) bool { return m.Re != nil && *m.Re == int64(20+i) }); m.Code != "encrypted" {
			t.Errorf("%s: %s", command, m.raw)
		}
	}
	host.awaited("applicant", nil)
	host.asks(2, "submit", map[string]any{"commit": messages["commit.add"], "welcome": messages["welcome.add"], "bundles": []any{}})
	bob.awaited("welcomed", nil)
	carol.await("admitted", nil)
	bob.await("admitted", nil)
	host.until("leaves", func() bool { return host.leafOf("Bob") == 1 && host.leafOf("Carol") == 2 })
	host.asks(3, "submit", map[string]any{"commit": messages["commit.grant"], "bundles": []any{messages["bundle.grant"]}})
	bob.asks(2, "submit", map[string]any{"commit": messages["commit.revoke"], "bundles": []any{}})
	dave := waits(r, messages, "Dave")
	host.asks(4, "submit", map[string]any{"commit": messages["commit.swap"], "welcome": messages["welcome.swap"], "bundles": []any{}})
	dave.await("admitted", nil)
	carol.await("bye", func(m message) bool { return m.Code == "removed" })
	if got := carol.closed(); got != 4005 {
		t.Errorf("close code %d", got)
	}
	host.until("Dave has Carol's leaf", func() bool { return host.leafOf("Dave") == 2 && host.leafOf("Carol") == -1 })
	inOrder(t, bob)
}

// inOrder looks at the records that came to a browser: none is missing, none comes twice.
func inOrder(t *testing.T, b *browser) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	last := 0
	for _, m := range b.got {
		var applied struct {
			Message struct {
				Type   string
				Record struct{ Seq int }
			}
		}
		if json.Unmarshal(m.raw, &applied) != nil || applied.Message.Type != "applied" {
			continue
		}
		if last != 0 && applied.Message.Record.Seq != last+1 {
			t.Errorf("record %d behind %d", applied.Message.Record.Seq, last)
		}
		last = applied.Message.Record.Seq
	}
	if last == 0 {
		t.Error("no record came")
	}
}

// TestBreakInAMeeting: who comes back has its leaf, and hears of the group on the new connection; others see it go and come.
func TestBreakInAMeeting(t *testing.T) {
	t.Parallel()
	r := start(t, mixed)
	messages := groupMessages(t)
	host := founds(r, messages)
	bob, carol := waits(r, messages, "Bob"), waits(r, messages, "Carol")
	host.asks(2, "submit", map[string]any{"commit": messages["commit.add"], "welcome": messages["welcome.add"], "bundles": []any{}})
	bob.await("admitted", nil)
	carol.await("admitted", nil)
	token := bob.greeting().Resume
	bob.close()
	host.awaited("presence", func(in inGroup) bool { return in.Leaf == 1 && !in.Here })
	again := r.browser("1000", "g."+guestSecret, "name", "Bob", "resume", token)
	again.await("admitted", nil)
	again.awaited("hello", func(in inGroup) bool { return in.Seated && in.Group != "" })
	host.awaited("presence", func(in inGroup) bool { return in.Leaf == 1 && in.Here })
	again.tells(map[string]any{"type": "missed", "id": 9, "seq": 2})
	again.awaited("records", func(in inGroup) bool { return in.ID == 9 })
	host.send(map[string]any{"type": "leave"})
	again.awaited("presence", func(in inGroup) bool { return in.Leaf == 0 && !in.Here })
}

// TestHostOnTheTelephoneAsks: who waits with a browser can be let in by a host's browser alone, which is told.
func TestHostOnTheTelephoneAsks(t *testing.T) {
	t.Parallel()
	r, h := startEncrypted(t, rooms.Mixed, true)
	messages := groupMessages(t)
	host := founds(r, messages)
	call := r.phone(siptest.Options{User: "+4930123456789"}).Invite("1000." + hostPIN).Answered()
	h.asks(0).grant(0)
	r.phase("in the room")
	if c := r.calls()[0]; c.Mode != "mixed" || !c.Granted {
		t.Errorf("the operator is told %+v", c)
	}
	bob := waits(r, messages, "Bob")
	call.Media.Press("#")
	host.await("notice", func(m message) bool { return m.Code == "hostAsked" && strings.Contains(string(m.raw), "6789") })
	host.until("the phone's place is shown", func() bool {
		p, ok := host.named("+49 *** 6789")
		return ok && p.Grant != nil && *p.Grant == 1 && p.Leaf == nil
	})
	bob.mu.Lock()
	defer bob.mu.Unlock()
	for _, m := range bob.got {
		if m.Code == "hostAsked" {
			t.Error("a guest was asked")
		}
	}
}

// TestNewMeeting: with the last of its visits a meeting is over, and the owner is remembered.
func TestNewMeeting(t *testing.T) {
	t.Parallel()
	r := start(t, mixed)
	messages := groupMessages(t)
	host := founds(r, messages)
	host.send(map[string]any{"type": "leave"})
	host.await("bye", func(m message) bool { return m.Code == "left" })
	host.closed()
	again := r.browser("1000", "h."+hostSecret, "name", "Anna")
	again.awaited("hello", func(in inGroup) bool { return !in.Seated && in.Group == "" })
	again.await("waiting", nil)
	if w := again.greeting(); w.Encryption == nil || w.Encryption.Owner != anna() {
		t.Errorf("the owner is forgotten: %+v", w.Encryption)
	}
	if code, _ := r.get("/api/v1/meetings/1000/log"); code != 404 || len(r.meetings().Kept) != 1 || r.meetings().Kept[0].Running {
		t.Errorf("log of a meeting that is over: %d, kept %+v", code, r.meetings().Kept)
	}
}

// TestFaultyGroupMessages: what is no message of a group is refused like any other fault, ten of them end the visit, one
// that is too long ends the connection, and in an open room there is no group at all.
func TestFaultyGroupMessages(t *testing.T) {
	t.Parallel()
	r := start(t, mixed, func(c *configs.Config) { c.Rooms = append(c.Rooms, room("2000")) })
	b := r.browser("1000", "g."+guestSecret)
	b.await("waiting", nil)
	for i := range api.MaxFaults {
		b.send(map[string]any{"type": "meeting", "message": map[string]any{"type": "nonsense"}, "re": i})
		b.await("error", func(m message) bool { return m.Code == "badMessage" && m.Re != nil && *m.Re == int64(i) })
	}
	if got := b.closed(); got != 4012 {
		t.Errorf("close code %d", got)
	}
	long := r.browser("1000", "g."+guestSecret)
	long.await("waiting", nil)
	long.tells(map[string]any{"type": "relay", "id": 1, "message": strings.Repeat("A", api.MaxMessageBytes)})
	if got := long.closed(); got != websocket.StatusMessageTooBig {
		t.Errorf("close code %d", got)
	}
	open := r.browser("2000", "h."+hostSecret)
	if w := open.greeting(); w.Encryption != nil || w.Room.Mode != api.ModeOpen {
		t.Errorf("an open room is told as %+v", w)
	}
	open.await("admitted", nil)
	open.send(map[string]any{"type": "meeting", "message": map[string]any{"type": "unwait"}, "re": 1})
	if m := open.await("error", nil); m.Code != "badMessage" {
		t.Errorf("a group message in an open room: %s", m.raw)
	}
}

// TestOperatorSeesMeetings: the key, who is in encrypted rooms, and their logs, which prove themselves.
func TestOperatorSeesMeetings(t *testing.T) {
	t.Parallel()
	r := start(t, mixed)
	var id api.Identity
	_, body := r.get("/api/v1/identity")
	if err := json.Unmarshal([]byte(body), &id); err != nil || id.Fingerprint != r.KeyFingerprint() || len(id.Key) != 43 {
		t.Errorf("identity %s, %v", body, err)
	}
	if code, _ := r.get("/api/v1/meetings/1000/log"); code != 404 {
		t.Errorf("log of no meeting: %d", code)
	}
	host := founds(r, groupMessages(t))
	code, log := r.get("/api/v1/meetings/1000/log")
	if code != 200 || strings.Count(log, "\n") < 3 || !strings.Contains(log, `"founded"`) || !strings.HasSuffix(log, "\n") {
		t.Errorf("log %d: %.300s", code, log)
	}
	list := r.meetings()
	if len(list.Meetings) != 1 || list.Meetings[0].Room != "1000" || list.Meetings[0].Mode != "mixed" || list.Meetings[0].People != 1 {
		t.Errorf("meetings %+v", list.Meetings)
	}
	if len(list.Kept) != 1 || list.Kept[0].Room != "1000" || !list.Kept[0].Running {
		t.Fatalf("kept %+v", list.Kept)
	}
	if code, kept := r.get("/api/v1/meetings/1000/logs/" + list.Kept[0].File); code != 200 || !strings.HasPrefix(log, kept[:strings.Index(kept, "\n")]) {
		t.Errorf("kept log %d: %.200s", code, kept)
	}
	for _, path := range []string{"1000/logs/..%2fgateway.key", "1000/logs/gateway.key", "2000/logs/" + list.Kept[0].File, "4242/log"} {
		if code, body := r.get("/api/v1/meetings/" + path); code != 404 || strings.Contains(body, "PRIVATE") {
			t.Errorf("%s: %d", path, code)
		}
	}
	if _, body := r.get("/metrics"); !strings.Contains(body, `legroom_rooms_by_mode{mode="mixed"} 1`) ||
		!strings.Contains(body, `legroom_legs{granted="false",kind="browser",mode="mixed",security="dtls",state="joined"} 1`) {
		t.Error("metrics do not tell the mode")
	}
	host.tells(map[string]any{"type": "submit", "id": 7, "commit": "AAAA", "bundles": []any{}})
	host.awaited("failed", func(in inGroup) bool { return in.ID == 7 })
	_, metrics := r.get("/metrics")
	for _, line := range []string{
		"legroom_meetings 1", "legroom_meeting_members 1", "legroom_meeting_grants 0", `legroom_meeting_commits_refused_total{reason="malformed"} 1`,
		"legroom_meeting_commits_total 0", `legroom_browser_sound_kept_out_packets_total{verdict="alarm"} 0`,
	} {
		if !strings.Contains(metrics, "\n"+line+"\n") {
			t.Errorf("metrics without %q", line)
		}
	}
	var size int
	if _, rest, ok := strings.Cut(metrics, "\nlegroom_meeting_log_bytes "); !ok {
		t.Error("metrics do not tell of logs")
	} else if _, err := fmt.Sscan(rest, &size); err != nil || int64(size) != r.meetings().Kept[0].Bytes {
		t.Errorf("a log of %d bytes, %v", size, err)
	}
}

func (r *rig) meetings() (list struct {
	Meetings []api.Meeting
	Kept     []api.KeptLog
}) {
	r.t.Helper()
	_, body := r.get("/api/v1/meetings")
	if err := json.Unmarshal([]byte(body), &list); err != nil {
		r.t.Fatal(fmt.Errorf("meetings: %w in %s", err, body))
	}
	return list
}

// offersVideo offers sound and one slot for video in these codecs.
func (b *browser) offersVideo(id int, codecs ...string) {
	b.t.Helper()
	line := func(kind, mid, direction string, formats []string) string {
		var types, maps strings.Builder
		for i, f := range formats {
			fmt.Fprintf(&types, " %d", 96+i)
			fmt.Fprintf(&maps, "a=rtpmap:%d %s\r\n", 96+i, f)
			if strings.HasPrefix(f, "H264") {
				fmt.Fprintf(&maps, "a=fmtp:%d packetization-mode=1;profile-level-id=42e01f\r\n", 96+i)
			}
		}
		return "m=" + kind + " 9 UDP/TLS/RTP/SAVPF" + types.String() + "\r\nc=IN IP4 0.0.0.0\r\na=mid:" + mid +
			"\r\na=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuvwx\r\na=fingerprint:sha-256 " +
			strings.TrimSuffix(strings.Repeat("0A:", 32), ":") + "\r\na=setup:actpass\r\na=rtcp-mux\r\na=" + direction + "\r\n" + maps.String()
	}
	sdp := "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n" +
		line("audio", "0", "sendonly", []string{"opus/48000/2"}) + line("video", "1", "recvonly", codecs)
	b.send(map[string]any{
		"type": "offer", "id": id, "re": id, "sdp": sdp, "tracks": []map[string]any{{"mid": "0", "source": "microphone"}},
	})
}

// TestOneVideoCodec: the first offer decides for all browsers of an encrypted room, and who lacks it is told.
func TestOneVideoCodec(t *testing.T) {
	t.Parallel()
	r := start(t, mixed)
	messages := groupMessages(t)
	host := founds(r, messages)
	bob, carol := waits(r, messages, "Bob"), waits(r, messages, "Carol")
	host.asks(2, "submit", map[string]any{"commit": messages["commit.add"], "welcome": messages["welcome.add"], "bundles": []any{}})
	bob.await("admitted", nil)
	carol.await("admitted", nil)
	host.offersVideo(30, "H264/90000")
	host.await("answer", func(m message) bool { return m.ID == 30 })
	bob.offersVideo(31, "VP8/90000")
	if m := bob.await("error", nil); m.Code != "noRoomCodec" || *m.Re != 31 || !strings.Contains(string(m.raw), "video format") {
		t.Errorf("error %s", m.raw)
	}
	carol.offersVideo(32, "VP8/90000", "H264/90000")
	if m := carol.await("answer", func(m message) bool { return m.ID == 32 }); strings.Contains(m.SDP, "VP8") || !strings.Contains(m.SDP, "H264") {
		t.Errorf("answer %s", m.SDP)
	}
	bob.offersVideo(33, "VP8/90000", "H264/90000")
	bob.await("answer", func(m message) bool { return m.ID == 33 })
}
