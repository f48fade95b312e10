package visit

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"legroom/gateway/api"
	"legroom/gateway/selftest"
)

// gateway says what a test wants when a hello has come, and holds the line until the visitor goes.
func gateway(t *testing.T, says ...any) *Invitation {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{api.Subprotocol}})
		if err != nil {
			return
		}
		defer conn.CloseNow()
		if _, data, err := conn.Read(r.Context()); err != nil || !strings.Contains(string(data), `"name":"Self test"`) {
			t.Errorf("hello is %s, %v", data, err)
		}
		for _, m := range says {
			b, ok := m.([]byte)
			if !ok {
				b, _ = json.Marshal(m)
			}
			if conn.Write(r.Context(), websocket.MessageText, b) != nil {
				return
			}
		}
		for {
			if _, _, err := conn.Read(r.Context()); err != nil {
				return
			}
		}
	}))
	t.Cleanup(server.Close)
	return &Invitation{Server: strings.TrimPrefix(server.URL, "http://"), Room: "1000", Key: "g.SECRET"}
}

func run(t *testing.T, in *Invitation, wait time.Duration) (*Report, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	return Run(ctx, Config{Invitation: in, Name: "Self test", Wait: wait, Look: time.Second, Tell: func(string) {}}, nil)
}

func welcome(mode api.Mode, at time.Time) map[string]any {
	return map[string]any{"type": "welcome", "room": api.RoomInfo{Number: "1000", Mode: mode}, "now": at.UnixMilli()}
}

func meeting(message map[string]any) map[string]any {
	return map[string]any{"type": "meeting", "message": message}
}

// TestWhenNothingCanBeSeen: each is an error, which is exit status 2.
func TestWhenNothingCanBeSeen(t *testing.T) {
	now, group := time.Now(), meeting(map[string]any{"type": "hello", "group": []byte("0123456789abcdef"), "seated": false})
	for name, c := range map[string]struct {
		says []any
		err  error
	}{
		"sent away":           {[]any{map[string]any{"type": "bye", "code": "denied"}}, ErrBye},
		"no JSON":             {[]any{[]byte("hello?")}, ErrNoServer},
		"a strange welcome":   {[]any{[]byte(`{"type":"welcome","room":7}`)}, ErrNoServer},
		"a million slots":     {[]any{map[string]any{"type": "welcome", "slots": api.SlotCounts{Audio: 1_000_000}}}, ErrNoServer},
		"negative slots":      {[]any{map[string]any{"type": "welcome", "slots": api.SlotCounts{Video: -1}}}, ErrNoServer},
		"a wrong clock":       {[]any{welcome(api.ModeMixed, now.Add(-time.Hour))}, ErrClock},
		"nobody lets in":      {[]any{welcome(api.ModeMixed, now), map[string]any{"type": "waiting", "position": 1}, group}, ErrNotLetIn},
		"its key is refused":  {[]any{welcome(api.ModeMixed, now), group, meeting(map[string]any{"type": "failed", "fault": "roster"})}, ErrNotLetIn},
		"a Welcome of others": {[]any{welcome(api.ModeMixed, now), group, meeting(map[string]any{"type": "welcomed", "welcome": []byte{0, 1, 0, 3, 0, 1, 0, 0}})}, ErrNotLetIn},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := run(t, gateway(t, c.says...), 300*time.Millisecond); !errors.Is(err, c.err) {
				t.Errorf("%v, not %v", err, c.err)
			}
		})
	}
	var bye *ByeError
	if _, err := run(t, gateway(t, map[string]any{"type": "bye", "code": "badLink"}), time.Second); !errors.As(err, &bye) || !strings.Contains(bye.Error(), "link is not valid") {
		t.Errorf("%v", err)
	}
	if _, err := run(t, &Invitation{Server: "127.0.0.1:1", Room: "1000", Key: "g.SECRET"}, time.Second); !errors.Is(err, ErrNoServer) {
		t.Errorf("%v", err)
	}
}

// TestARoomThatIsNotTheLinks: that is a finding, which is exit status 1.
func TestARoomThatIsNotTheLinks(t *testing.T) {
	in, err := ParseInvitation("http://127.0.0.1/r/1000#" + ownedLink + ".g.SECRET")
	if err != nil {
		t.Fatal(err)
	}
	for name, says := range map[string][]any{
		"open": {welcome(api.ModeOpen, time.Now())},
		"a Welcome that is none": {
			welcome(api.ModeSealed, time.Now()), meeting(map[string]any{"type": "welcomed", "welcome": []byte("nonsense")}),
		},
	} {
		server := gateway(t, says...)
		server.Link, server.Key = in.Link, in.Key
		report, err := run(t, server, 10*time.Second)
		if err != nil || report.Broken == "" || report.Outcome() != selftest.NotSealed {
			t.Errorf("%s: %+v, %v", name, report, err)
			continue
		}
		var b strings.Builder
		if _, err := report.WriteTo(&b); err != nil || !strings.Contains(b.String(), "NOT WHAT YOUR LINK PROMISES") {
			t.Errorf("%s: %s, %v", name, b.String(), err)
		}
	}
}
