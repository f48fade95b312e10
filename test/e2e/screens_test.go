//go:build e2e

package e2e

import (
	"os"
	"path/filepath"
	"testing"

	"legroom/test/e2e/baresip"
	"legroom/test/e2e/chromium"
	"legroom/test/e2e/server"
)

// The screens of a first call, at both sizes, without a serious fault of accessibility. LEGROOM_SHOTS names a folder that
// keeps the pictures; all other screens and states are looked at by `npm run screens` in web.
func TestScreensOfAFirstCall(t *testing.T) {
	gateway := server.Start(t, config(true, room{number: "2001", pin: "4711", lobby: true, announce: true}))
	browser := driver(t).Launch(voice(t, browserTone))
	for name, view := range map[string]chromium.View{"desktop": chromium.Desktop, "phone": chromium.Phone} {
		t.Run(name, func(t *testing.T) {
			page := browser.Open(t, gateway.Link("2001", "h."+hostSecret, "?audio=raw"), view)
			defer page.Close()
			page.See("[data-testid=green-room]")
			look := func(screen string) { examine(t, page, name+"-"+screen) }
			look("green-room")
			page.Fill("[data-testid=name]", "Anna Weber")
			page.Click("[data-testid=join]")
			page.See("[data-testid=security-banner]")
			look("room-alone")
			phone := baresip.Start(t, baresip.Config{Codec: "PCMU/8000/1", Transport: "tls", MediaEnc: "srtp-mand", User: "+4930123454711"})
			phone.Dial(gateway.URI("2001.4711", "tls"))
			page.See("[data-testid=waiting-note]")
			look("somebody-waits")
			page.Click("[data-testid=people]")
			page.Click("[data-testid=admit], [data-testid=admit-first]")
			page.See("[data-testid=person][data-kind=phone][data-security=sdes]")
			look("people")
			phone.Hangup()
		})
	}
}

// examine fails the test on any serious finding of axe, and keeps a picture where one is wanted.
func examine(t *testing.T, page *chromium.Page, screen string) {
	t.Helper()
	if dir := os.Getenv("LEGROOM_SHOTS"); dir != "" {
		page.Screenshot(filepath.Join(dir, screen+".png"))
	}
	for _, v := range page.Axe() {
		if v.Impact == "serious" || v.Impact == "critical" {
			t.Errorf("%s: %s: %s %q", screen, v.ID, v.Help, v.Nodes)
		}
	}
}
