//go:build e2e

package e2e

import (
	"fmt"
	"net/netip"
	"os"
	"regexp"
	"strconv"
	"sync"
	"testing"
	"time"

	"legroom/media"
	"legroom/sip/siptest"
	"legroom/test/e2e/server"
)

// held is what a process holds that calls could leave behind.
type held struct{ goroutines, descriptors, rooms, calls int }

// A hundred calls in and out, ten at a time, leave no goroutine, port, file or room behind.
func TestHundredCallsLeaveNothing(t *testing.T) {
	gateway := server.Start(t, config(true, room{number: "2001", announce: true}))
	calls := func(n int) {
		var all sync.WaitGroup
		for i := range n {
			codec := []media.CodecName{media.PCMU, media.G722, media.Opus}[i%3]
			phone := siptest.New(t, siptest.Options{
				Server: netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), uint16(gateway.Ports.SIP)),
				User:   fmt.Sprint("phone", i), Codecs: []media.CodecName{codec},
			})
			all.Go(func() {
				defer phone.Close()
				call := phone.Invite("2001").Answered()
				call.Media.WaitPackets(5)
				call.Bye()
			})
		}
		all.Wait()
	}
	calls(10) // what is made once for a process is made by these
	before := settled(t, gateway, held{goroutines: 1 << 20, descriptors: 1 << 20, rooms: 1})
	for range 10 {
		calls(10)
	}
	after := settled(t, gateway, before)
	t.Logf("before %+v, after %+v", before, after)
}

// settled waits until the process holds no more than limit, and two looks in a row agree.
func settled(t *testing.T, gateway *server.Server, limit held) held {
	t.Helper()
	deadline := time.Now().Add(40 * time.Second) // SIP transactions live for 32 s
	var last held
	for {
		now := look(t, gateway)
		if now == last && now.goroutines <= limit.goroutines && now.descriptors <= limit.descriptors && now.rooms <= limit.rooms && now.calls == 0 {
			return now
		}
		if time.Now().After(deadline) {
			t.Fatalf("still held after 40 s: %+v, want at most %+v", now, limit)
		}
		last = now
		<-time.After(500 * time.Millisecond)
	}
}

func look(t *testing.T, gateway *server.Server) held {
	t.Helper()
	fds, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", gateway.Pid()))
	if err != nil {
		t.Fatal(err)
	}
	_, metrics := gateway.Get("/metrics")
	return held{
		goroutines: metric(t, metrics, "go_goroutines"), descriptors: len(fds),
		rooms: metric(t, metrics, "legroom_rooms"), calls: metric(t, metrics, "legroom_calls"),
	}
}

func metric(t *testing.T, page, name string) int {
	t.Helper()
	found := regexp.MustCompile(`(?m)^` + name + ` (\d+)`).FindStringSubmatch(page)
	if found == nil {
		t.Fatalf("no metric %s", name)
	}
	n, err := strconv.Atoi(found[1])
	if err != nil {
		t.Fatal(err)
	}
	return n
}
