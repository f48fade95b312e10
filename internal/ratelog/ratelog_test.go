package ratelog

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestOneLineAnInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		l := New(slog.New(slog.NewTextHandler(&out, nil)), time.Second)
		for range 100 {
			l.Count("bad", "packet refused", "why", "short")
			time.Sleep(15 * time.Millisecond)
		}
		l.Flush()
		lines := strings.Split(strings.TrimSpace(out.String()), "\n")
		if len(lines) != 3 {
			t.Fatalf("%d lines, want 3 (at once, after 1 s, flushed):\n%s", len(lines), out.String())
		}
		for i, n := range []string{"count=1", "count=67", "count=32"} {
			if !strings.Contains(lines[i], n) {
				t.Errorf("line %d = %s, want %s", i, lines[i], n)
			}
		}
	})
}
