//go:build e2e

package e2e

import (
	"strings"
	"testing"
	"time"

	"legroom/test/e2e/baresip"
	"legroom/test/e2e/server"
)

// A PIN with repeated digits is right only if every key arrives once and in order.
func TestPINByKeypad(t *testing.T) {
	const pin = "1122337700"
	gateway := server.Start(t, config(true, room{number: "2001", pin: pin, announce: true}))
	page := join(t, driver(t).Launch(voice(t, browserTone)), gateway.Link("2001", "g."+guestSecret, query), "Anna")
	for _, codec := range []string{"PCMU/8000/1", "opus/48000/2"} {
		phone := baresip.Start(t, baresip.Config{Tone: phoneTone, Level: -12, Codec: codec, Transport: "udp"})
		phone.Dial(gateway.URI("2001", "udp"))
		hearsWords(t, "phone at the PIN question", phone, 0)
		phone.Digits(pin + "#")
		seePeople(page, 2)
		hearsTone(t, "phone", phone, browserTone)
		phone.Hangup()
		seePeople(page, 1)
	}
	if strings.Contains(gateway.Output(), pin) {
		t.Error("the PIN is in the log")
	}
}

// Three wrong PINs end the call with words; the same source is then told so at once, and the right PIN does not help.
func TestThreeWrongPINs(t *testing.T) {
	gateway := server.Start(t, config(true, room{number: "2001", pin: "4711", announce: true}))
	phone := baresip.Start(t, baresip.Config{Codec: "PCMU/8000/1", Transport: "udp"})
	phone.Dial(gateway.URI("2001", "udp"))
	at := 0
	for _, wrong := range []string{"0000#", "1111#", "4712#"} {
		at = hearsWords(t, "phone before "+wrong, phone, at)
		phone.Digits(wrong)
	}
	hearsWords(t, "phone after the third", phone, at)
	phone.Wait("CALL_CLOSED", 20*time.Second)

	again := baresip.Start(t, baresip.Config{Codec: "PCMU/8000/1", Transport: "udp", User: "other"})
	again.Dial(gateway.URI("2001", "udp"))
	hearsWords(t, "phone with a spent budget", again, 0)
	again.Digits("4711#")
	again.Wait("CALL_CLOSED", 20*time.Second)
	if _, refused := gateway.Get("/api/v1/calls/refused"); !strings.Contains(refused, "2001") {
		t.Errorf("the refused calls do not tell of it: %s", refused)
	}
}

// hearsWords waits for half a second of something louder than -45 dBFS behind position at, and gives the position there.
func hearsWords(t *testing.T, who string, phone listener, at int) int {
	t.Helper()
	deadline := time.Now().Add(15 * time.Second)
	for {
		samples, rate := phone.Heard()
		for ; rate > 0 && at+rate/2 <= len(samples); at += rate / 10 {
			if level(samples[at:at+rate/2]) > -45 {
				return at + rate/2
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: no words within 15 s", who)
		}
		<-time.After(100 * time.Millisecond)
	}
}
