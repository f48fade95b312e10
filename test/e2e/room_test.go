//go:build e2e

package e2e

import (
	"fmt"
	"math"
	"testing"
	"time"

	"legroom/test/e2e/baresip"
	"legroom/test/e2e/chromium"
	"legroom/test/e2e/server"
)

// Two phones and two browsers in one room each hear the three others and not themselves.
func TestFourHearTheOthersAndNotThemselves(t *testing.T) {
	gateway := server.Start(t, config(true, room{number: "2001"}))
	d := driver(t)
	tones := map[string]float64{"anna": 440, "ben": 700, "phone1": 1000, "phone2": 1600}
	link := gateway.Link("2001", "g."+guestSecret, query)
	anna := join(t, d.Launch(voice(t, tones["anna"])), link, "Anna")
	ben := join(t, d.Launch(voice(t, tones["ben"])), link, "Ben")
	phone1 := baresip.Start(t, baresip.Config{Tone: tones["phone1"], Level: -12, Codec: "PCMU/8000/1", Transport: "udp"})
	phone2 := baresip.Start(t, baresip.Config{Tone: tones["phone2"], Level: -12, Codec: "opus/48000/2", Transport: "tcp", MediaEnc: "dtls_srtp"})
	phone1.Dial(gateway.URI("2001", "udp"))
	phone2.Dial(gateway.URI("2001", "tcp"))
	seePeople(anna, 4)
	for who, phone := range map[string]*baresip.Phone{"phone1": phone1, "phone2": phone2} {
		all := func(half []int16, rate int) bool { return onlyOthers(half, rate, tones, who) == "" }
		listen := func() ([]int16, int) { return record(t, who, phone, waitFor(t, who, phone, all), 2*time.Second) }
		if fault := hearsOthers(t, who, tones, listen); fault != "" {
			t.Errorf("%s: %s", who, fault)
		}
	}
	for who, page := range map[string]*chromium.Page{"anna": anna, "ben": ben} {
		listen := func() ([]int16, int) { return page.Hear(2 * time.Second), 48000 }
		if fault := hearsOthers(t, who, tones, listen); fault != "" {
			t.Errorf("%s: %s", who, fault)
		}
	}
}

// hearsOthers listens for two seconds, again if they are not what they must be, and says what is wrong with the last.
func hearsOthers(t *testing.T, who string, tones map[string]float64, listen func() ([]int16, int)) string {
	var fault string
	for range tries {
		samples, rate := listen()
		if fault = onlyOthers(samples, rate, tones, who); fault == "" {
			return ""
		}
		spectrum(t, who, samples, rate)
	}
	return fault
}

// onlyOthers says what is wrong when samples are not, to 99 %, the tones of all others with each of them clearly there
// and one's own at least 40 dB below them.
func onlyOthers(samples []int16, rate int, tones map[string]float64, who string) string {
	var all float64
	for name, freq := range tones {
		s := share(samples, rate, freq)
		switch {
		case name == who && s > 1e-4:
			return "hears itself: " + decibels(s)
		case name != who && s < 0.1:
			return "does not hear " + name + ": " + decibels(s)
		case name != who:
			all += s
		}
	}
	if all <= 0.99 {
		return "hears something else too: the others are " + decibels(all)
	}
	return ""
}

func decibels(share float64) string {
	return fmt.Sprintf("%.1f dB of all it hears", 10*math.Log10(share+1e-12))
}
