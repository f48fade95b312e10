package gateway

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"legroom/configs"
	"legroom/sip"
)

func TestThrottleForgivesAfterTheWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		th := newThrottle(3, 10*time.Minute)
		for i, want := range []bool{false, false, true} {
			if th.spent("a") {
				t.Fatalf("spent after %d wrong tries", i)
			}
			if th.wrong("a") != want {
				t.Fatalf("try %d: last of the budget %v, want %v", i+1, !want, want)
			}
		}
		if !th.spent("a") || th.spent("b") {
			t.Fatal("a must be spent and b not")
		}
		time.Sleep(10*time.Minute - time.Second)
		if !th.spent("a") {
			t.Fatal("forgiven too early")
		}
		time.Sleep(time.Second)
		if th.spent("a") {
			t.Fatal("not forgiven after the window")
		}
		if th.wrong("a") {
			t.Fatal("one wrong try after the window spends the budget")
		}
	})
}

func TestThrottleMemoryIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		th := newThrottle(1, time.Minute)
		for i := range maxBudgets {
			th.wrong(fmt.Sprint(i))
		}
		time.Sleep(time.Second)
		th.wrong("one more")
		if len(th.budgets) > maxBudgets || !th.spent("one more") {
			t.Fatalf("%d budgets, the last one spent: %v", len(th.budgets), th.spent("one more"))
		}
		time.Sleep(time.Minute)
		th.wrong("later")
		if len(th.budgets) != 1 {
			t.Fatalf("%d budgets after all were over", len(th.budgets))
		}
	})
}

func TestGuardTellsSourcesApart(t *testing.T) {
	cfg := configs.DefaultCalls().Throttle
	cfg.Trunks = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/24")}
	from := func(source, number, user string) suspect {
		return suspect{source: netip.MustParseAddr(source), caller: sip.Party{User: number}, user: user}
	}
	for name, c := range map[string]struct {
		guess, next suspect
		spent       bool
	}{
		"same address":               {from("192.0.2.1", "", ""), from("192.0.2.1", "", ""), true},
		"another address":            {from("192.0.2.1", "", ""), from("192.0.2.2", "", ""), false},
		"same IPv6 network":          {from("2001:db8::1", "", ""), from("2001:db8::2", "", ""), true},
		"another IPv6 network":       {from("2001:db8::1", "", ""), from("2001:db8:0:1::1", "", ""), false},
		"same number elsewhere":      {from("192.0.2.1", "4711", ""), from("192.0.2.2", "4711", ""), true},
		"another number on a trunk":  {from("10.0.0.1", "4711", ""), from("10.0.0.1", "4712", ""), false},
		"another number, no trunk":   {from("192.0.2.1", "4711", ""), from("192.0.2.1", "4712", ""), true},
		"same digest user elsewhere": {from("192.0.2.1", "", "alice"), from("192.0.2.2", "", "alice"), true},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGuard(cfg, slog.New(slog.DiscardHandler), func(string) {})
			for range cfg.PerSource {
				g.wrong(c.guess, "1000")
			}
			if got := g.spent(c.next, "1000"); got != c.spent {
				t.Fatalf("spent %v, want %v", got, c.spent)
			}
		})
	}
}

func TestGuardProtectsARoomFromMany(t *testing.T) {
	var out bytes.Buffer
	var kinds []string
	cfg := configs.DefaultCalls().Throttle
	g := newGuard(cfg, slog.New(slog.NewTextHandler(&out, nil)), func(kind string) { kinds = append(kinds, kind) })
	for i := range cfg.PerRoom {
		g.wrong(suspect{source: netip.AddrFrom4([4]byte{192, 0, 2, byte(i)})}, "1000")
	}
	fresh := suspect{source: netip.MustParseAddr("198.51.100.1")}
	if !g.spent(fresh, "1000") || g.spent(fresh, "2000") {
		t.Fatal("the room's budget must be spent, and no other's")
	}
	if len(kinds) != 1 || kinds[0] != "room" || strings.Count(out.String(), "alarm") != 1 {
		t.Fatalf("alarms %v:\n%s", kinds, out.String())
	}
}

func TestSeats(t *testing.T) {
	s := newSeats(2)
	a, b := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")
	free, ok := s.take(a)
	_, again := s.take(a)
	_, third := s.take(a)
	_, other := s.take(b)
	if !ok || !again || third || !other || s.count() != 3 {
		t.Fatalf("taken %v %v %v %v, count %d", ok, again, third, other, s.count())
	}
	free()
	free()
	if s.count() != 2 {
		t.Fatalf("count %d after one was given back twice", s.count())
	}
	if _, ok := s.take(a); !ok {
		t.Fatal("a seat that was given back is not to be had")
	}
}
