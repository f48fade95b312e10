package gateway_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"legroom/configs"
	"legroom/gateway"
	"legroom/gateway/api"
	"legroom/rooms"
	"legroom/sip"
	"legroom/sip/siptest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// Secrets of the rooms of these tests; none of them may be in any log.
const (
	guestPIN    = "604713"
	hostPIN     = "918273"
	guestSecret = "GuestSecretGuestSecret"
	hostSecret  = "HostSecretHostSecretHost"
)

// patience bounds every wait; it is only ever spent by a test that fails.
const patience = 30 * time.Second

// rig is a running gateway on loopback.
type rig struct {
	*gateway.Gateway
	t     *testing.T
	log   *logBook
	stop  context.CancelFunc
	force chan struct{}
	ended chan error
}

// logBook keeps everything that is logged, from debug on.
type logBook struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBook) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (l *logBook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// room is one of these tests: quick to enter, with known secrets.
func room(number string, change ...func(*configs.Room)) configs.Room {
	r := configs.Room{Number: number, RoomSettings: configs.DefaultRoomSettings()}
	r.PIN, r.HostPIN, r.GuestSecret, r.HostSecret = guestPIN, hostPIN, guestSecret, hostSecret
	r.Mode, r.Lobby, r.Music, r.Announce = rooms.Open, false, false, false
	for _, f := range change {
		f(&r)
	}
	return r
}

func localConfig(t *testing.T) configs.Config {
	t.Helper()
	c := configs.Default()
	c.StateDir = t.TempDir()
	c.Devices.Use = false
	c.SIP.Listen = []sip.ListenConfig{
		{Network: "udp", Address: "127.0.0.1:0"}, {Network: "tcp", Address: "127.0.0.1:0"}, {Network: "tls", Address: "127.0.0.1:0"},
	}
	c.SIP.Timers.T1 = 50 * time.Millisecond
	c.SIP.RTP.Address = netip.MustParseAddr("127.0.0.1")
	c.SIP.RTP.PortMin, c.SIP.RTP.PortMax = 0, 0
	c.Web.Listen, c.Operate.Listen = "127.0.0.1:0", "127.0.0.1:0"
	c.Browsers.UDP, c.Browsers.TCP, c.Browsers.Loopback = "127.0.0.1:0", "127.0.0.1:0", true
	c.Calls.Drain = 0
	c.Prompts.Languages = []string{"en"}
	c.Rooms = []configs.Room{room("1000")}
	return c
}

// start runs a gateway until the test ends, and then looks for secrets in its log.
func start(t *testing.T, change ...func(*configs.Config)) *rig {
	t.Helper()
	r := prepare(t, change...)
	r.run()
	return r
}

// prepare makes a gateway that is to be run.
func prepare(t *testing.T, change ...func(*configs.Config)) *rig {
	t.Helper()
	cfg := localConfig(t)
	for _, f := range change {
		f(&cfg)
	}
	if err := cfg.Validate(); err != nil {
		t.Fatalf("configuration: %v", err)
	}
	r := &rig{t: t, log: &logBook{}, force: make(chan struct{}), ended: make(chan error, 1)}
	var err error
	r.Gateway, err = gateway.New(cfg, slog.New(slog.NewTextHandler(r.log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	return r
}

// run begins, until the test ends.
func (r *rig) run() {
	var ctx context.Context
	ctx, r.stop = context.WithCancel(context.Background())
	go func() { r.ended <- r.Run(ctx, r.force) }()
	r.t.Cleanup(func() {
		r.end()
		r.searchLog()
		if r.t.Failed() {
			r.t.Logf("the gateway wrote:\n%s", r.log.String())
		}
	})
}

// end stops the gateway at once.
func (r *rig) end() {
	select {
	case <-r.force:
		return
	default:
	}
	close(r.force)
	r.stop()
	if err := <-r.ended; err != nil {
		r.t.Errorf("Run: %v", err)
	}
}

var secretLines = regexp.MustCompile(`inline:|a=crypto|a=fingerprint|m=audio|v=0|ice-pwd`)

// searchLog looks for what no log may hold.
func (r *rig) searchLog() {
	r.t.Helper()
	text := r.log.String()
	for _, secret := range []string{guestPIN, hostPIN, guestSecret, hostSecret} {
		if strings.Contains(text, secret) {
			r.t.Errorf("a secret of a room is in the log")
		}
	}
	if found := secretLines.FindString(text); found != "" {
		r.t.Errorf("session description in the log: %q", found)
	}
}

func (r *rig) phone(o siptest.Options) *siptest.Phone {
	r.t.Helper()
	if o.Transport == "" {
		o.Transport = "udp"
	}
	o.Server = r.SIPAddr(o.Transport)
	return siptest.New(r.t, o)
}

// get reads a page of the operator's listener.
func (r *rig) get(path string) (int, string) {
	r.t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: patience}
	resp, err := client.Get(fmt.Sprintf("http://%s%s", r.OperateAddr(), path))
	if err != nil {
		r.t.Fatalf("get %s: %v", path, err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Fatalf("get %s: %v", path, err)
	}
	return resp.StatusCode, string(body)
}

func (r *rig) calls() []api.Call {
	r.t.Helper()
	var answer struct{ Calls []api.Call }
	_, body := r.get("/api/v1/calls")
	if err := json.Unmarshal([]byte(body), &answer); err != nil {
		r.t.Fatalf("calls: %v in %s", err, body)
	}
	return answer.Calls
}

func (r *rig) refused() []api.RefusedCall {
	r.t.Helper()
	var answer struct{ Refused []api.RefusedCall }
	_, body := r.get("/api/v1/calls/refused")
	if err := json.Unmarshal([]byte(body), &answer); err != nil {
		r.t.Fatalf("refused: %v in %s", err, body)
	}
	return answer.Refused
}

// phase waits until the only call is that far.
func (r *rig) phase(want string) {
	r.t.Helper()
	eventually(r.t, "phase "+want, func() bool {
		calls := r.calls()
		return len(calls) == 1 && calls[0].Phase == want
	})
}

// refusal waits for a refused call whose rule has the words.
func (r *rig) refusal(words string) api.RefusedCall {
	r.t.Helper()
	var found api.RefusedCall
	eventually(r.t, "refusal: "+words, func() bool {
		for _, c := range r.refused() {
			if strings.Contains(c.Rule, words) {
				found = c
				return true
			}
		}
		return false
	})
	if found.Fix == "" {
		r.t.Errorf("refusal without a fix: %+v", found)
	}
	return found
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatalf("never: %s", what)
		}
	}
}
