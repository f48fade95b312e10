//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"testing"
	"time"

	"legroom/test/e2e/baresip"
	"legroom/test/e2e/chromium"
	"legroom/test/e2e/linphone"
	"legroom/test/e2e/ports"
	"legroom/test/e2e/server"
	"legroom/test/e2e/sipp"
)

const (
	phoneTone   = 1000
	browserTone = 440
)

// callCase is one way a phone can call.
type callCase struct {
	codec, transport, mediaEnc string
}

func (c callCase) name() string {
	enc := map[string]string{"": "clear", "srtp-mand": "sdes", "dtls_srtp": "dtls"}[c.mediaEnc]
	return fmt.Sprintf("%s/%s/%s", c.codec[:4], c.transport, enc)
}

// security is the mark that the roster must bear.
func (c callCase) security() string {
	switch {
	case c.mediaEnc == "dtls_srtp":
		return "dtls"
	case c.mediaEnc == "srtp-mand" && c.transport == "tls":
		return "sdes"
	case c.mediaEnc == "srtp-mand":
		return "sdesKeyInClear"
	default:
		return "clear"
	}
}

// callCases are all 36 ways, or the 12 of them that hold every pair of values.
func callCases(all bool) []callCase {
	codecs := []string{"PCMU/8000/1", "PCMA/8000/1", "G722/16000/1", "opus/48000/2"}
	transports := []string{"udp", "tcp", "tls"}
	encs := []string{"", "srtp-mand", "dtls_srtp"}
	var cases []callCase
	for i, codec := range codecs {
		for j, transport := range transports {
			for k, enc := range encs {
				if all || k == (i+j)%len(encs) {
					cases = append(cases, callCase{codec, transport, enc})
				}
			}
		}
	}
	return cases
}

// A phone and a browser talk, each in its own tone, for every pair of codec, transport and encryption; all combinations
// with LEGROOM_SOAK set.
func TestPhoneAndBrowserHearEachOther(t *testing.T) {
	cases := callCases(os.Getenv("LEGROOM_SOAK") != "")
	rooms := make([]room, len(cases))
	for i := range cases {
		rooms[i] = room{number: fmt.Sprint(2001 + i)}
	}
	gateway := server.Start(t, config(true, rooms...))
	browser := driver(t).Launch(voice(t, browserTone))
	for i, c := range cases {
		t.Run(c.name(), func(t *testing.T) {
			page := join(t, browser, gateway.Link(rooms[i].number, "g."+guestSecret, query), "Anna")
			defer page.Close()
			phone := baresip.Start(t, baresip.Config{Tone: phoneTone, Level: -12, Codec: c.codec, Transport: c.transport, MediaEnc: c.mediaEnc})
			phone.Dial(gateway.URI(rooms[i].number, c.transport))
			seePeople(page, 2)
			hearsTone(t, "phone", phone, browserTone)
			pageHears(t, page, phoneTone)
			page.Click("[data-testid=people]")
			page.See(`[data-testid=person][data-kind=phone][data-security=` + c.security() + `]`)
			phone.Hangup()
			seePeople(page, 1)
		})
	}
}

// pageHears requires more than 99 % of two seconds of what the page plays to be the tone.
func pageHears(t *testing.T, page *chromium.Page, freq float64) {
	t.Helper()
	pure(t, "browser", freq, func() ([]int16, int) { return page.Hear(2 * time.Second), 48000 })
}

// Linphone is another stack than baresip's in every layer.
func TestLinphoneAndBrowserHearEachOther(t *testing.T) {
	gateway := server.Start(t, config(true, room{number: "2001", pin: "4711"}))
	page := join(t, driver(t).Launch(voice(t, browserTone)), gateway.Link("2001", "g."+guestSecret, query), "Anna")
	for _, encryption := range []string{"none", "srtp"} {
		t.Run(encryption, func(t *testing.T) {
			page := page.In(t)
			phone := linphone.Start(t, linphone.Config{Tone: phoneTone, Encryption: encryption, Port: ports.Free(t, 2)})
			phone.Dial(gateway.URI("2001", "udp"))
			phone.Line("4711#")
			seePeople(page, 2)
			hearsTone(t, "linphone", phone, browserTone)
			pageHears(t, page, phoneTone)
			phone.Line("terminate")
			seePeople(page, 1)
		})
	}
}

// SIPp checks the flow no phone makes on command: session timer, telephone-events from another SSRC, hold.
func TestSippScenario(t *testing.T) {
	gateway := server.Start(t, config(true, room{number: "2001"}))
	sipp.Call(t, fmt.Sprintf("127.0.0.1:%d", gateway.Ports.SIP), "2001", tone(1000, 8000, 10))
}
