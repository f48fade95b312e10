package api

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"legroom/e2ee"
	"legroom/e2ee/e2eetest"
)

// looker answers by the number of the room.
type looker struct{ looked time.Duration }

func (l *looker) Tap(_ context.Context, room string, d time.Duration) (*Tap, error) {
	l.looked = d
	switch room {
	case "1000":
		return &Tap{Room: room, Mode: "mixed", Streams: []TapStream{}}, nil
	case "1001":
		return nil, ErrTapBusy
	case "1002":
		return nil, errors.New("odd")
	default:
		return nil, ErrNoTapRoom
	}
}

func TestTapOfARoom(t *testing.T) {
	l := &looker{}
	h := NewOperator(OperatorConfig{
		Calls: nobody{}, Metrics: http.NotFoundHandler(), Ready: func() bool { return true }, Version: "1",
		Identity: e2ee.NewIdentity(e2eetest.Seeded(0x70)), Meetings: library{}, Tapper: l,
	})
	for name, c := range map[string]struct {
		path, from string
		status     int
		says       string
		looked     time.Duration
	}{
		"by default 5 s": {"1000/tap", "127.0.0.1:4000", 200, `"mode":"mixed"`, 5 * time.Second},
		"as asked":       {"1000/tap?seconds=2", "[::1]:4000", 200, `"room":"1000"`, 2 * time.Second},
		"too long":       {"1000/tap?seconds=11", "127.0.0.1:4000", 422, "", 0},
		"too short":      {"1000/tap?seconds=0", "127.0.0.1:4000", 422, "", 0},
		"from elsewhere": {"1000/tap", "192.0.2.7:4000", 403, "own machine", 0},
		"from nowhere":   {"1000/tap", "", 403, "own machine", 0},
		"busy":           {"1001/tap", "127.0.0.1:4000", 409, "another look", 5 * time.Second},
		"failed":         {"1002/tap", "127.0.0.1:4000", 500, "", 5 * time.Second},
		"no room":        {"4242/tap", "127.0.0.1:4000", 404, "nobody has been in that room", 5 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			l.looked = 0
			r := httptest.NewRequest(http.MethodGet, "/api/v1/rooms/"+c.path, nil)
			r.RemoteAddr = c.from
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != c.status || !strings.Contains(w.Body.String(), c.says) || l.looked != c.looked {
				t.Errorf("%d after %v: %s", w.Code, l.looked, w.Body)
			}
		})
	}
}
