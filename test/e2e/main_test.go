//go:build e2e

// Package e2e holds the calls that people make: real phones and real browsers against the gateway's own binary.
package e2e

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"legroom/test/e2e/chromium"
	"legroom/test/e2e/netns"
	"legroom/test/e2e/server"
	"legroom/test/e2e/wave"
)

func TestMain(m *testing.M) {
	netns.Enter()
	os.Exit(m.Run())
}

const (
	guestSecret = "e2eGuestSecret00000"
	hostSecret  = "e2eHostSecret000000"
)

// room is what a test wants of one room; the zero value is open to everybody and silent about it.
type room struct {
	number       string
	pin, hostPIN string
	lobby        bool
	announce     bool
	capacity     int
	mode         string // open where it is empty
	pictures     bool   // the gateway makes some: it finds out what its devices can do, which takes seconds
}

// config writes a configuration with these rooms; comfort noise is off where a test looks at exact silence.
func config(comfortNoise bool, rooms ...room) func(server.Ports, string) string {
	return func(p server.Ports, stateDir string) string {
		var b strings.Builder
		fmt.Fprintf(&b, "stateDir: %s\nlog: {level: debug}\n", stateDir)
		fmt.Fprintf(&b, "sip:\n  listen:\n    - {network: udp, address: \"127.0.0.1:%[1]d\"}\n    - {network: tcp, address: \"127.0.0.1:%[1]d\"}\n    - {network: tls, address: \"127.0.0.1:%[2]d\"}\n", p.SIP, p.SIPS)
		fmt.Fprintf(&b, "calls: {drain: 1s}\nweb: {listen: \"127.0.0.1:%d\"}\nbrowsers: {udp: \"127.0.0.1:%d\", tcp: \"127.0.0.1:%d\", loopback: true}\n", p.Web, p.Media, p.Media)
		fmt.Fprintf(&b, "operate: {listen: \"127.0.0.1:%d\"}\naudio: {comfortNoise: %t}\ndevices: {use: %t}\nrooms:\n", p.Operate, comfortNoise,
			slices.ContainsFunc(rooms, func(r room) bool { return r.pictures }))
		for _, r := range rooms {
			fmt.Fprintf(&b, "  - {number: \"%s\", name: Room %s, mode: %s, pin: \"%s\", hostPin: \"%s\", lobby: %t, announce: %t, music: %t, capacity: %d, guestSecret: %s, hostSecret: %s}\n",
				r.number, r.number, cmp.Or(r.mode, "open"), orNone(r.pin), orNone(r.hostPIN), r.lobby, r.announce, r.announce, r.capacity, guestSecret, hostSecret)
		}
		return b.String()
	}
}

func orNone(pin string) string {
	if pin == "" {
		return "none"
	}
	return pin
}

// driver starts the browsers' driver.
func driver(t *testing.T) *chromium.Driver {
	t.Helper()
	return chromium.Start(t, filepath.Join(server.Root(t), "web"))
}

// voice makes a file that a browser's microphone plays: freq Hz at -12 dBFS.
func voice(t *testing.T, freq float64) string { return voiceAt(t, freq, -12) }

// loudVoice is a voice at full scale.
func loudVoice(t *testing.T, freq float64) string { return voiceAt(t, freq, 0) }

func voiceAt(t *testing.T, freq, dbfs float64) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), fmt.Sprintf("%g.wav", freq))
	if err := os.WriteFile(name, wave.Tone(freq, dbfs, 48000, 30), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// query records the microphone as it is and leaves the camera off.
const query = "?audio=raw&camera=off"

// join opens a room's link, gives a name in the green room and waits until the page is in the room.
func join(t *testing.T, b *chromium.Browser, link, name string) *chromium.Page {
	t.Helper()
	page := b.Open(t, link, chromium.Desktop)
	page.Fill("[data-testid=name]", name)
	page.Click("[data-testid=join]")
	page.See("[data-testid=room]")
	return page
}

// seePeople waits until the roster of the page counts so many in the room.
func seePeople(page *chromium.Page, n int) {
	page.Until(`(n) => document.querySelectorAll("[data-testid=tile]").length === n`, n)
}
