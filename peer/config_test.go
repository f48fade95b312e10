package peer

import (
	"errors"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"legroom/internal/fault"
)

func TestDefaultConfigIsValid(t *testing.T) {
	if err := DefaultConfig().Validate(); err != nil {
		t.Error(err)
	}
}

func TestConfigFaultsAreAllTold(t *testing.T) {
	c := DefaultConfig()
	c.UDP, c.TCP = "nonsense", ":99999"
	c.PublicAddresses = []netip.Addr{netip.MustParseAddr("198.51.100.1"), netip.MustParseAddr("198.51.100.2"), {}}
	c.ICEServers = []ICEServerConfig{{}, {URLs: []string{"http://x", "turn:y", "stun:"}}}
	c.TURN.TLS, c.TURN.Lifetime, c.TURN.Realm = ":x", 0, ""
	c.AudioSlots, c.VideoSlots, c.Grace, c.TCPBuffer = 0, 100, time.Millisecond, 1
	c.StartBitrate, c.MaxBitrate = 1, 2
	var got []string
	for _, f := range fault.All(c.Validate()) {
		got = append(got, f.Path)
	}
	slices.Sort(got)
	want := []string{
		"audioSlots", "grace", "iceServers[0].urls", "iceServers[1].urls[0]", "iceServers[1].urls[1]", "iceServers[1].urls[2]",
		"maxBitrate", "publicAddresses", "publicAddresses[2]", "startBitrate", "tcp", "tcpBuffer",
		"turn.lifetime", "turn.realm", "turn.tls", "udp", "videoSlots",
	}
	if !slices.Equal(got, want) {
		t.Errorf("faults at\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestTakenPortIsToldByNew(t *testing.T) {
	taken, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	c := testConfig()
	c.UDP = taken.LocalAddr().String()
	if _, err := New(c); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("error %v, want address in use", err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	c = testConfig()
	c.TCP = ln.Addr().String()
	if _, err := New(c); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("error %v, want address in use", err)
	}
}

func TestEngineThatNeverRanLeavesNothing(t *testing.T) {
	e, err := New(testConfig())
	if err != nil {
		t.Fatal(err)
	}
	addr := e.sockets.udp[0].addr()
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(addr))
	if err != nil {
		t.Fatalf("the port is not free: %v", err)
	}
	again.Close()
	if _, err := e.NewLeg(LegConfig{}); !errors.Is(err, ErrClosed) {
		t.Errorf("new leg: %v", err)
	}
	if err := e.Run(t.Context()); !errors.Is(err, ErrClosed) {
		t.Errorf("run: %v", err)
	}
}

func TestICEServers(t *testing.T) {
	c := testConfig()
	c.ICEServers = []ICEServerConfig{
		{URLs: []string{"stun:stun.example:3478"}},
		{URLs: []string{"turn:a.example"}, Username: "u", Credential: "p"},
		{URLs: []string{"turn:b.example"}, Secret: "s"},
	}
	c.TURN.UDP, c.TURN.Lifetime, c.TURN.Host = "127.0.0.1:0", time.Hour, "turn.example"
	e := startEngine(t, c)
	now := time.Unix(1_700_000_000, 0)
	got := e.ICEServers(now)
	if len(got) != 4 || got[0].Username != "" || got[1].Credential != "p" {
		t.Fatalf("servers %+v", got)
	}
	own := got[3]
	ends, _, _ := strings.Cut(own.Username, ":")
	if ends != strconv.FormatInt(now.Add(time.Hour).Unix(), 10) || !own.Expires.Equal(now.Add(time.Hour)) {
		t.Errorf("credential %q ends at %s", own.Username, own.Expires)
	}
	if !strings.HasPrefix(own.URLs[0], "turn:turn.example:") || !strings.HasSuffix(own.URLs[0], "?transport=udp") {
		t.Errorf("url %q", own.URLs[0])
	}
	if again := e.ICEServers(now)[3]; again.Username == own.Username {
		t.Error("two browsers were given one name")
	}
}

func TestPublicAddressReplacesOwn(t *testing.T) {
	c := testConfig()
	c.PublicAddresses = []netip.Addr{netip.MustParseAddr("198.51.100.9")}
	e := startEngine(t, c)
	leg := newTestLeg(t, e, "nat", &room{})
	cl := newClient(t, clientOptions{})
	cl.recv(1, 1)
	answer, err := leg.Offer(t.Context(), Offer{SDP: cl.offer(nil)})
	if err != nil {
		t.Fatal(err)
	}
	udp, tcp := 0, 0
	for l := range strings.SplitSeq(answer, "\r\n") {
		if !strings.HasPrefix(l, "a=candidate:") {
			continue
		}
		if !strings.Contains(l, " 198.51.100.9 ") {
			t.Errorf("told: %s", l)
		}
		if strings.Contains(l, " udp ") {
			udp++
		} else {
			tcp++
		}
	}
	if udp == 0 || tcp == 0 {
		t.Errorf("%d udp and %d tcp candidates", udp, tcp)
	}
}
