package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write testdata again from the messages in this test")

func re(n int64) *int64 { return &n }

func clientGoldens() map[string]ClientMessage {
	head := func(t string) Head { return Head{Type: t} }
	return map[string]ClientMessage{
		"hello": &Hello{Head: head("hello"), Protocol: 1, Room: "1000", Key: "g.Zq3vXh0m2Kw8", Name: "Ada Lovelace", Language: "en", Muted: true},
		"hello.resume": &Hello{Head: Head{Type: "hello", Re: re(1)}, Protocol: 1, Room: "1000", Key: "h.Zq3vXh0m2Kw8",
			Name: "김민준", Language: "ko", Resume: "cmVzdW1lLW1l"},
		"offer": &Offer{Head: Head{Type: "offer", Re: re(2)}, ID: 7, SDP: "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n",
			Tracks: []OfferTrack{{MID: "0", Source: SourceMicrophone}, {MID: "1", Source: SourceCamera},
				{MID: "2", Source: SourceScreen}, {MID: "3", Source: SourceScreenAudio}}},
		"candidate":      &ClientCandidate{Head: head("candidate"), Candidate: "candidate:1 1 udp 2130706431 127.0.0.1 50000 typ host", MID: "0"},
		"candidate.end":  &ClientCandidate{Head: head("candidate"), MID: "0"},
		"view":           &View{Head: head("view"), Items: []ViewItem{{Participant: "p2", Source: SourceCamera, Width: 1280, Height: 720}}},
		"mute":           &Mute{Head: head("mute"), Muted: true},
		"hand":           &Hand{Head: head("hand"), Raised: true},
		"rename":         &Rename{Head: head("rename"), Name: "Grace"},
		"admit":          &Admit{Head: Head{Type: "admit", Re: re(3)}, Participant: "p3"},
		"deny":           &Deny{Head: head("deny"), Participant: "p3"},
		"muteOther":      &MuteOther{Head: head("muteOther"), Participant: "p3"},
		"muteAll":        &MuteAll{Head: head("muteAll")},
		"lock":           &Lock{Head: head("lock"), Locked: true},
		"remove":         &Remove{Head: head("remove"), Participant: "p3", Ban: true},
		"passHost":       &PassHost{Head: head("passHost"), Participant: "p3"},
		"meeting":        &ClientMeeting{Head: head("meeting"), Message: json.RawMessage(`{"type":"relay","id":4,"message":"AAEC/w=="}`)},
		"leave":          &Leave{Head: head("leave")},
		"candidate.none": &ClientCandidate{Head: head("candidate")},
	}
}

func serverGoldens() map[string]ServerMessage {
	room := RoomInfo{Number: "1000", Name: "Demo", Mode: ModeOpen}
	locked := RoomInfo{Number: "1000", Name: "Demo", Mode: ModeOpen, Locked: true}
	ada := Participant{ID: "p1", Name: "Ada Lovelace", Kind: KindBrowser, Role: RoleHost, State: StateJoined,
		Security: SecurityDTLS, Sources: []Source{SourceMicrophone, SourceCamera}, JoinedAt: 1767225600000}
	phone := Participant{ID: "p2", Name: "+49 *** 4711", Kind: KindPhone, Role: RoleGuest, State: StateJoined, Muted: true,
		MutedByHost: true, Hand: 1767225660000, Security: SecurityClear, Sources: []Source{SourceMicrophone}, JoinedAt: 1767225630000}
	waits := Participant{ID: "p3", Name: "Grace", Kind: KindRoomSystem, Role: RoleGuest, State: StateWaiting,
		Security: SecuritySDESKeyInClear, Sources: []Source{}, JoinedAt: 1767225640000}
	mixed := RoomInfo{Number: "2000", Name: "Board", Mode: ModeMixed}
	sealed := RoomInfo{Number: "3000", Name: "Works council", Mode: ModeSealed}
	first, seventh, line := uint32(0), uint32(7), uint16(0)
	eve := Participant{ID: "p4", Name: "Eve", Kind: KindBrowser, Role: RoleHost, State: StateJoined, Security: SecurityDTLS,
		Sources: []Source{}, JoinedAt: 1767225600000, Leaf: &first}
	granted := phone
	granted.Grant, granted.Line = &seventh, &line
	m := map[string]ServerMessage{
		"welcome": &Welcome{Protocol: 1, Participant: "p1", Resume: "cmVzdW1lLW1l", Role: RoleHost, Room: room,
			ICEServers: []ICEServer{{URLs: []string{"stun:gateway.example:3478"}},
				{URLs: []string{"turn:gateway.example:3478?transport=udp"}, Username: "1767229200:p1", Credential: "c2VjcmV0"}},
			Slots: SlotCounts{Audio: 8, Video: 12}, Phone: PhoneAccess{URI: "sip:1000@gateway.example", PIN: "4711"}, GuestKey: "g.R3Vlc3RHdWVzdEd1ZXN0", Server: "0.1.0",
			Now: 1767225600000},
		"welcome.guest": &Welcome{Protocol: 1, Participant: "p3", Resume: "cmVzdW1lLW1l", Role: RoleGuest, Room: room,
			ICEServers: []ICEServer{}, Slots: SlotCounts{Audio: 8, Video: 12}, Phone: PhoneAccess{URI: "sip:1000@gateway.example"}, Server: "0.1.0",
			Now: 1767225600000},
		"welcome.encrypted": &Welcome{Protocol: 1, Participant: "p4", Resume: "cmVzdW1lLW1l", Role: RoleHost, Room: mixed,
			ICEServers: []ICEServer{}, Slots: SlotCounts{Audio: 8, Video: 12}, Phone: PhoneAccess{URI: "sip:2000@gateway.example"}, Server: "0.1.0",
			Now: 1767225600000, Encryption: &Encryption{Gateway: "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
				GatewayFingerprint: "b336 905f deac b9eb eee3 d98d 84dc 0488", Owner: "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8",
				OwnerPinned: true, MaxScope: MaxScopeAudio, VetoRule: VetoRuleHost}},
		"welcome.unowned": &Welcome{Protocol: 1, Participant: "p4", Resume: "cmVzdW1lLW1l", Role: RoleGuest, Room: sealed,
			ICEServers: []ICEServer{}, Slots: SlotCounts{Audio: 8, Video: 12}, Phone: PhoneAccess{URI: "sip:3000@gateway.example"}, Server: "0.1.0",
			Now: 1767225600000, Encryption: &Encryption{Gateway: "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
				GatewayFingerprint: "b336 905f deac b9eb eee3 d98d 84dc 0488", MaxScope: MaxScopeAudioVideo, VetoRule: VetoRuleAll, AutoAdmit: true}},
		"roster.encrypted":  &Roster{Revision: 4, Room: mixed, Participants: []Participant{eve, granted}},
		"meeting":           &ServerMeeting{Message: json.RawMessage(`{"type":"hello","group":"AAECAwQFBgcICQoLDA0ODw==","seated":false}`)},
		"meeting.applicant": &ServerMeeting{Message: json.RawMessage(`{"type":"applicant","ref":"AAEC","keyPackage":"AAEABQ==","participant":"p3"}`)},
		"waiting":           &Waiting{Position: 2},
		"admitted":          &Admitted{},
		"answer":            &Answer{ID: 7, SDP: "v=0\r\n"},
		"candidate":         &ServerCandidate{Candidate: "candidate:1 1 udp 2130706431 127.0.0.1 8443 typ host", MID: "0"},
		"roster":            &Roster{Revision: 4, Room: room, Participants: []Participant{ada, phone, waits}},
		"rosterChange":      &RosterChange{Revision: 5, Upsert: []Participant{phone}, Gone: []string{"p3"}},
		"rosterChange.room": &RosterChange{Revision: 6, Room: &locked, Upsert: []Participant{}, Gone: []string{}},
		"slots":             &Slots{Items: []SlotItem{{MID: "4", Participant: "p2", Source: SourceMicrophone}, {MID: "5"}}},
		"levels":            &Levels{Speaker: "p2", Items: []LevelItem{{Participant: "p2", Level: 23}}},
		"levels.quiet":      &Levels{Items: []LevelItem{}},
		"ok":                &OK{Re: 3},
		"error":             &ErrorReply{Re: re(3), Code: ErrorNotHost, Message: "Only hosts can do that."},
		"error.badMessage":  &ErrorReply{Code: ErrorBadMessage, Message: "no such type"},
		"error.encrypted":   &ErrorReply{Re: re(4), Code: ErrorEncrypted, Message: "In this room the hosts' browsers decide that, not the server."},
		"error.noRoomCodec": &ErrorReply{Re: re(5), Code: ErrorNoRoomCodec, Message: "The browsers in this room have agreed on another video format."},
		"notice.handRaised": &Notice{Code: NoticeHandRaised, Participant: "p2", Name: "+49 *** 4711"},
	}
	for _, code := range []NoticeCode{NoticeMutedByHost, NoticeWaitingInLobby, NoticeLocked, NoticeUnlocked, NoticeMadeHost,
		NoticeDraining, NoticeJoined, NoticeLeft, NoticeHostAsked} {
		m["notice."+string(code)] = &Notice{Code: code}
	}
	for _, e := range endings() {
		m["bye."+string(e.bye)] = &Bye{Code: e.bye, Message: e.words}
	}
	return m
}

func TestClientGoldens(t *testing.T) {
	seen := map[string]bool{}
	for name, want := range clientGoldens() {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join("testdata", "client."+name+".json")
			if *update {
				writeGolden(t, path, mustMarshal(t, want))
			}
			data := readGolden(t, path)
			got, err := Decode(data)
			if err != nil {
				t.Fatal(err)
			}
			if m, ok := got.(*ClientMeeting); ok { // passed on as it came, line breaks too
				m.Message = json.RawMessage(compact(t, m.Message))
			}
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("decoded %+v, want %+v", got, want)
			}
			seen[want.messageType()] = true
		})
	}
	for _, typ := range clientTypes() {
		if !seen[typ] {
			t.Errorf("no golden of client message %q", typ)
		}
	}
}

func TestServerGoldens(t *testing.T) {
	for name, m := range serverGoldens() {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join("testdata", "server."+name+".json")
			data, err := Encode(m)
			if err != nil {
				t.Fatal(err)
			}
			if *update {
				writeGolden(t, path, data)
			}
			if got, want := compact(t, data), compact(t, readGolden(t, path)); got != want {
				t.Fatalf("encoded\n%s\nwant\n%s", got, want)
			}
			if strings.Contains(string(data), "null") {
				t.Fatal("null on the wire")
			}
		})
	}
}

func TestDecodeRefuses(t *testing.T) {
	long := strings.Repeat("x", 200)
	cases := map[string]struct {
		in, msg string
		re      *int64
	}{
		"no JSON":           {in: `hello`, msg: "not JSON"},
		"an array":          {in: `[]`, msg: "not an object"},
		"unknown type":      {in: `{"type":"reboot","re":4}`, msg: "no such type", re: re(4)},
		"unknown field":     {in: `{"type":"mute","muted":true,"admin":true,"re":5}`, msg: "does not know", re: re(5)},
		"wrong type":        {in: `{"type":"mute","muted":"yes"}`, msg: `field "muted" is not a bool`},
		"two objects":       {in: `{"type":"leave"}{"type":"leave"}`, msg: "not JSON"},
		"long name":         {in: `{"type":"rename","name":"` + long + `"}`, msg: "name must have"},
		"direction in name": {in: `{"type":"rename","name":"a\u202eb"}`, msg: "control character"},
		"blank name":        {in: `{"type":"rename","name":"  "}`, msg: "blank"},
		"no participant":    {in: `{"type":"admit"}`, msg: "participant must have"},
		"bad source":        {in: `{"type":"offer","id":1,"sdp":"v=0","tracks":[{"mid":"0","source":"mind"}]}`, msg: "source is none"},
		"huge view":         {in: `{"type":"view","items":[{"participant":"p","source":"camera","width":99999,"height":1}]}`, msg: "width"},
		"sound in a view":   {in: `{"type":"view","items":[{"participant":"p","source":"microphone","width":1,"height":1}]}`, msg: "camera or screen"},
		"meeting of text":   {in: `{"type":"meeting","message":"{}","re":6}`, msg: "message is not an object", re: re(6)},
		"meeting of null":   {in: `{"type":"meeting","message":null}`, msg: "message is not an object"},
		"meeting of a list": {in: `{"type":"meeting","message": [{}]}`, msg: "message is not an object"},
		"meeting of none":   {in: `{"type":"meeting"}`, msg: "message is not an object"},
		"meeting too long":  {in: `{"type":"meeting","message":{"a":"` + strings.Repeat("x", MaxMessageBytes) + `"}}`, msg: "longer than"},
		"too long":          {in: `{"type":"rename","name":"` + strings.Repeat("x", MaxMessageBytes) + `"}`, msg: "longer than"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := Decode([]byte(c.in))
			var bad *MessageError
			if !errors.As(err, &bad) {
				t.Fatalf("error %v, want a MessageError", err)
			}
			if !strings.Contains(bad.Msg, c.msg) || !reflect.DeepEqual(bad.Re, c.re) {
				t.Fatalf("got %q re %v, want %q re %v", bad.Msg, bad.Re, c.msg, c.re)
			}
		})
	}
}

func FuzzDecode(f *testing.F) {
	for _, m := range clientGoldens() {
		b, _ := json.Marshal(m)
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := Decode(data)
		if (m == nil) == (err == nil) {
			t.Fatalf("message %v with error %v", m, err)
		}
	})
}

func clientTypes() []string {
	var out []string
	for _, name := range []string{"hello", "offer", "candidate", "view", "mute", "hand", "rename", "admit", "deny", "muteOther",
		"muteAll", "lock", "remove", "passHost", "meeting", "leave"} {
		if newClientMessage(name) != nil {
			out = append(out, name)
		}
	}
	return out
}

func mustMarshal(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func readGolden(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func writeGolden(t *testing.T, path string, data []byte) {
	t.Helper()
	var out bytes.Buffer
	if err := json.Indent(&out, data, "", "  "); err != nil {
		t.Fatal(err)
	}
	out.WriteByte('\n')
	if err := os.WriteFile(path, out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

func compact(t *testing.T, data []byte) string {
	t.Helper()
	var out bytes.Buffer
	if err := json.Compact(&out, data); err != nil {
		t.Fatal(err)
	}
	return out.String()
}
