package configs

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"legroom/rooms"
)

func read(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestReferenceEqualsDefault(t *testing.T) {
	got, err := Load("legroom.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if want := Default(); !reflect.DeepEqual(got, want) {
		t.Fatalf("legroom.yaml says\n%+v\nthe defaults are\n%+v", got, want)
	}
}

func TestReferenceNamesEverySetting(t *testing.T) {
	file, err := parser.ParseBytes(read(t, "legroom.yaml"), 0)
	if err != nil {
		t.Fatal(err)
	}
	d := &decoder{at: map[string]*token.Position{}}
	var c Config
	d.decode(file.Docs[0].Body, &c)
	for _, path := range settings(reflect.ValueOf(&c).Elem(), "") {
		if d.at[path] == nil {
			t.Errorf("legroom.yaml does not show %s", path)
		}
	}
}

// settings lists the path of every field that is not inside a list.
func settings(v reflect.Value, at string) []string {
	var out []string
	for name, f := range fieldsOf(v) {
		path := strings.TrimPrefix(at+"."+name, ".")
		out = append(out, path)
		if isSection(f) {
			out = append(out, settings(f, path)...)
		}
	}
	return out
}

// TestExampleRoomSpellsOutTheDefaults reads the room that legroom.yaml shows in comments.
func TestExampleRoomSpellsOutTheDefaults(t *testing.T) {
	_, text, _ := strings.Cut(string(read(t, "legroom.yaml")), "rooms: []")
	text, _, _ = strings.Cut(text, "onDemand: []")
	lines := regexp.MustCompile(`(?m)^#  .*$`).FindAllString(text, -1)
	for i := range lines {
		lines[i] = strings.TrimPrefix(lines[i], "#")
	}
	c, err := Parse("example", []byte("rooms:\n"+strings.Join(lines, "\n")+"\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := Room{Number: "1000", RoomSettings: DefaultRoomSettings()}
	if len(c.Rooms) != 1 || c.Rooms[0] != want {
		t.Fatalf("example room %+v, default %+v", c.Rooms, want)
	}
	for name := range fieldsOf(reflect.ValueOf(&want).Elem()) {
		if !strings.Contains(strings.Join(lines, "\n"), " "+name+":") {
			t.Errorf("the example room does not show %s", name)
		}
	}
}

func TestDemo(t *testing.T) {
	c, err := Load("demo.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Rooms) != 1 || c.Rooms[0].Number != "1000" || !c.Rooms[0].Lobby || c.Rooms[0].PIN == NoPIN ||
		c.Rooms[0].Mode != rooms.Mixed || !c.PrintInvitations {
		t.Fatalf("demo room %+v", c.Rooms)
	}
	if c.Web.Listen != ":8443" || len(c.SIP.Listen) != 3 {
		t.Fatalf("listens on %v and %v", c.Web.Listen, c.SIP.Listen)
	}
}

func TestBench(t *testing.T) {
	c, err := Load("bench.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if len(c.OnDemand) != 1 {
		t.Fatalf("patterns %+v", c.OnDemand)
	}
	o := c.OnDemand[0]
	pattern, err := o.Regexp()
	if err != nil {
		t.Fatal(err)
	}
	for number, want := range map[string]bool{"9": false, "90": true, "911": true, "900000": true, "9000000": false, "80": false, "9x": false} {
		if pattern.MatchString(number) != want {
			t.Errorf("%s fits: %v, want %v", number, !want, want)
		}
	}
	if o.Mode != rooms.Open || o.PIN != NoPIN || o.Lobby || o.Announce || o.Music || !c.Audio.ComfortNoise {
		t.Fatalf("settings %+v", o)
	}
	for _, l := range c.SIP.Listen {
		if !strings.HasPrefix(l.Address, "127.0.0.1:") {
			t.Errorf("listens on %s", l.Address)
		}
	}
}

func TestFaultsHaveTheirPlace(t *testing.T) {
	text := `stateDir: here
logg:
  level: info
log:
  level: loud
sip:
  listen:
    - network: ump
      address: ":5060"
  access:
    allow: [10.0.0.0/8, 300.0.0.0/8]
  timers:
    t1: soon
calls:
  drain: many
  drain: 3s
  perSource: 0
rooms:
  - number: "1000"
    pin: 12
    mode: shut
    loby: true
  - number: "1000"
    hostPin: 4711
    pin: 4711
  - number: "1001"
    mode: sealed
    capacity: 201
    maxScope: video
    vetoRule: nobody
    owner: AAAA
  - number: "1002"
    hideLevels: true
  - number: "1003"
    hideLevels: true
    mode: open
    capacity: 8
onDemand:
  - pattern: "9.*"
    pin: none
    capacity: 0
    hideLevels: true
encryption:
  keepLogs: -1h
`
	want := []string{
		`f.yaml:2:1: logg: no such setting; did you mean log?`,
		`f.yaml:5:10: log.level: must be debug, info, warn or error`,
		`f.yaml:8:7: sip.listen[0].network: is "ump", must be udp, tcp or tls`,
		`f.yaml:11:25: sip.access.allow[1]: must be a network such as 192.168.0.0/16`,
		`f.yaml:13:9: sip.timers.t1: must be a time such as 500ms, 20s or 10m`,
		`f.yaml:15:10: calls.drain: must be a time such as 500ms, 20s or 10m`,
		`f.yaml:16:3: calls.drain: is set twice`,
		`f.yaml:17:3: calls.perSource: is 0, must be 1 to 100000`,
		`f.yaml:20:5: rooms[0].pin: must be 4 to 16 digits, or none`,
		`f.yaml:21:11: rooms[0].mode: must be open, mixed or sealed`,
		`f.yaml:22:5: rooms[0].loby: no such setting; did you mean lobby?`,
		`f.yaml:23:5: rooms[1].number: 1000 is there twice`,
		`f.yaml:24:5: rooms[1].hostPin: must differ from pin`,
		`f.yaml:28:5: rooms[2].capacity: 201 is more than the 200`,
		`f.yaml:29:5: rooms[2].maxScope: is "video", must be audio or audio+video`,
		`f.yaml:30:5: rooms[2].vetoRule: is "nobody", must be host, any or all`,
		`f.yaml:31:5: rooms[2].owner: must be an identity key`,
		`f.yaml:32:11: rooms[3].capacity: is 100, and with hideLevels at most the 8 of browsers.audioSlots`,
		`f.yaml:35:5: rooms[4].hideLevels: is for encrypted rooms`,
		`f.yaml:39:5: onDemand[0].pattern: takes in the emergency number 911`,
		`f.yaml:41:5: onDemand[0].capacity: is 0, and with hideLevels at most the 8 of browsers.audioSlots`,
		`f.yaml:44:3: encryption.keepLogs: is -1h0m0s, must be 0 to 3650d`,
	}
	_, err := Parse("f.yaml", []byte(text))
	var bad *Error
	if !errors.As(err, &bad) {
		t.Fatalf("error %v", err)
	}
	got := strings.Split(bad.Error(), "\n")
	if len(got) != len(want) {
		t.Fatalf("%d faults, want %d:\n%s", len(got), len(want), bad)
	}
	for i := range want {
		if !strings.HasPrefix(got[i], want[i]) {
			t.Errorf("fault %d:\n%s\nwant\n%s", i, got[i], want[i])
		}
	}
	if strings.Contains(bad.Error(), "4711") {
		t.Error("a PIN in the faults")
	}
}

func TestRefuses(t *testing.T) {
	cases := map[string]struct{ in, msg string }{
		"no YAML":          {"a: [1\n", "f:1"},
		"two documents":    {"log: {level: info}\n---\nlog: {level: info}\n", "one document"},
		"a list at root":   {"- a\n", "must be a section"},
		"a word as list":   {"rooms: many\n", "must be a list"},
		"a list as word":   {"stateDir: [a]\n", "must be a single value"},
		"an alias":         {"rooms: &a []\nonDemand: *a\n", "anchors"},
		"no value":         {"stateDir:\n", "has no value"},
		"half a key pair":  {"web:\n  certificate: a.pem\n", "come together"},
		"a link as origin": {"web:\n  url: https://a.example/r\n", "must be https://host"},
		"no port":          {"operate:\n  listen: localhost\n", "must be host:port"},
		"letters as PIN":   {"rooms: [{number: \"1\", pin: abcd}]\n", "4 to 16 digits"},
		"an open pattern":  {"onDemand: [{pattern: \"7+\"}]\n", "pin: is missing"},
		"too long":         {strings.Repeat("#", maxFileBytes+1), "longer than"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if _, err := Parse("f", []byte(c.in)); err == nil || !strings.Contains(err.Error(), c.msg) {
				t.Fatalf("error %v, want %q", err, c.msg)
			}
		})
	}
}

func TestValuesAsWritten(t *testing.T) {
	_, err := Parse("f", []byte("rooms:\n  - number: 0100\n    pin: 0042\n    hostPin: 1_2\nlog:\n  level: debug\n"))
	if err == nil || !strings.Contains(err.Error(), "hostPin") {
		t.Fatalf("error %v", err)
	}
	c, err := Parse("f", []byte("rooms:\n  - number: 0100\n    pin: 0042\n    hostPin: 00420\nsip:\nlog:\n  level: debug\n"))
	if err != nil {
		t.Fatal(err)
	}
	if r := c.Rooms[0]; r.Number != "0100" || r.PIN != "0042" || r.HostPIN != "00420" || !r.Lobby {
		t.Fatalf("room %+v", r)
	}
}

// TestEncryption: what an encrypted room is told by its settings, and how long logs are kept.
func TestEncryption(t *testing.T) {
	owner := strings.Repeat("A", 43)
	text := "rooms: [{number: \"1\", mode: sealed, maxScope: audio+video, vetoRule: all, owner: " + owner + ", capacity: 200}]\n"
	for in, keep := range map[string]time.Duration{
		"": 30 * 24 * time.Hour, "encryption: {keepLogs: 0}\n": 0, "encryption: {keepLogs: 0d}\n": 0,
		"encryption: {keepLogs: 7d}\n": 7 * 24 * time.Hour, "encryption: {keepLogs: 36h}\n": 36 * time.Hour,
	} {
		c, err := Parse("f", []byte(text+in))
		if err != nil || c.Encryption.KeepLogs != keep {
			t.Fatalf("%q keeps logs for %v, %v; want %v", in, c.Encryption.KeepLogs, err, keep)
		}
		p := c.Rooms[0].Policy("1", false)
		if p.Mode != rooms.Sealed || p.MaxScope != rooms.ScopeVideo || p.VetoRule != rooms.VetoAll || p.Owner != owner {
			t.Errorf("policy %+v", p)
		}
	}
	for _, in := range []string{"-1d", "d", "99999d", "4000d", "1.5d"} {
		if _, err := Parse("f", []byte("encryption: {keepLogs: "+in+"}\n")); err == nil {
			t.Errorf("%s is taken for a time", in)
		}
	}
	// A key that is too long, one in another alphabet, and one with bits that are in no key.
	for _, bad := range []string{owner + "A", strings.Repeat("+", 43), strings.Repeat("A", 42) + "B"} {
		if _, err := Parse("f", []byte("rooms: [{number: \"1\", owner: "+bad+"}]\n")); err == nil {
			t.Errorf("%s is taken for a key", bad)
		}
	}
}

func TestEmptyFileIsTheDefault(t *testing.T) {
	for _, text := range []string{"", "# nothing\n", "{}\n"} {
		c, err := Parse("f", []byte(text))
		if err != nil || !reflect.DeepEqual(c, Default()) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestMissingFile(t *testing.T) {
	if _, err := Load(filepath.Join(t.TempDir(), "none.yaml")); !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("error %v", err)
	}
}

func TestHint(t *testing.T) {
	fields := fieldsOf(reflect.ValueOf(&Calls{}).Elem())
	if got := hint("persource", fields); got != "; did you mean perSource?" {
		t.Errorf("hint %q", got)
	}
	if got := hint("elephant", fields); got != "" {
		t.Errorf("hint %q", got)
	}
}

func FuzzParse(f *testing.F) {
	for _, name := range []string{"legroom.yaml", "demo.yaml", "bench.yaml"} {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		_, err := Parse("f", data)
		var bad *Error
		if errors.As(err, &bad) && (len(bad.Faults) == 0 || !slices.IsSortedFunc(bad.Faults, func(a, b Fault) int { return a.Line - b.Line })) {
			t.Fatalf("faults %v", bad.Faults)
		}
	})
}
