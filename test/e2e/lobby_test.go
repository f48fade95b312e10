//go:build e2e

package e2e

import (
	"testing"
	"time"

	"legroom/test/e2e/baresip"
	"legroom/test/e2e/chromium"
	"legroom/test/e2e/server"
)

// Whoever waits hears nothing of the room and is not heard there: with a full-scale tone on each side, the other gets the
// codec's own silence code and nothing else. Then the host lets the phone in and both hear each other.
func TestLobbyWall(t *testing.T) {
	silence := map[string]int16{"PCMU/8000/1": 2, "PCMA/8000/1": 8} // what baresip makes of 0xFF and 0xD5
	gateway := server.Start(t, config(false, room{number: "2001", lobby: true}))
	host := join(t, driver(t).Launch(loudVoice(t, browserTone)), gateway.Link("2001", "h."+hostSecret, query), "Host")
	for codec, code := range silence {
		t.Run(codec[:4], func(t *testing.T) {
			host := host.In(t)
			phone := baresip.Start(t, baresip.Config{Tone: phoneTone, Level: 0, Codec: codec, Transport: "udp"})
			phone.Dial(gateway.URI("2001", "udp"))
			host.See("[data-testid=admit-first], [data-testid=admit]")
			at := waitFor(t, "waiting phone", phone, func(half []int16, _ int) bool { return only(half, code) < 0 })
			samples, rate := record(t, "waiting phone", phone, at, 10*time.Second)
			if i := only(samples, code); i >= 0 {
				t.Errorf("after %d ms in the lobby the phone hears %d, want only %d", 1000*i/rate, samples[i], code)
			}
			if heard := host.Hear(2 * time.Second); only(heard, 0) >= 0 {
				t.Errorf("the room hears a leg that waits: %.1f dBFS", level(heard))
			}
			admit(t, host, phone)
			pageHears(t, host, phoneTone)
			phone.Hangup()
			seePeople(host, 1)
		})
	}
}

// admit clicks and tells how long the phone waited for the first 100 ms of the browser's tone.
func admit(t *testing.T, host *chromium.Page, phone *baresip.Phone) {
	t.Helper()
	before, rate := phone.Heard()
	host.Click("[data-testid=admit-first], [data-testid=admit]")
	deadline := time.Now().Add(10 * time.Second)
	for at := len(before); ; {
		samples, _ := phone.Heard()
		for ; at+rate/10 <= len(samples); at += rate / 50 {
			if share(samples[at:at+rate/10], rate, browserTone) > 0.9 {
				t.Logf("heard %d ms after the click, the click's own time included", 1000*(at-len(before))/rate)
				return
			}
		}
		if time.Now().After(deadline) {
			t.Fatal("admitted, but the room is not heard within 10 s")
		}
		<-time.After(50 * time.Millisecond)
	}
}

// only gives the index of the first sample that is not the given value, or -1.
func only(samples []int16, value int16) int {
	for i, s := range samples {
		if s != value {
			return i
		}
	}
	return -1
}
