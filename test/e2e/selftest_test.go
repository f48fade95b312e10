//go:build e2e

package e2e

import (
	"context"
	"errors"
	"os/exec"
	"strings"
	"testing"
	"time"

	"legroom/test/e2e/baresip"
	"legroom/test/e2e/chromium"
	"legroom/test/e2e/server"
)

// Whoever was given a link can look with keys of their own: the self test is let in by a real page like anybody, opens what
// the gateway sends it with the meeting's keys, shows the code that the page shows, and tells when a telephone was let in.
func TestAUserLooksWithTheSelfTest(t *testing.T) {
	gateway := server.Start(t, config(false,
		room{number: "2001", mode: "mixed", lobby: true, capacity: 20}, room{number: "2002", capacity: 20}))
	browser := driver(t).Launch(voice(t, 440))
	anna := enter(t, browser, gateway.Link("2001", "h."+hostSecret, queryWithCamera), "Anna")
	anna.See("[data-testid=room]")
	mark(anna, "SEALED")
	link := invited(anna)

	out, exit := looks(t, anna, link)
	says(t, out, exit, 0, "Let in by  Anna", "the one that your link names", "Anna (browser)", "microphone opus", "camera VP8", "leaf 0, epoch",
		"open with the meeting's key", "members only", "As promised", longCodeOf(anna))
	if strings.Contains(out, "telephone") {
		t.Errorf("nobody let a telephone in:\n%s", out)
	}

	phone := baresip.Start(t, baresip.Config{Tone: 1000, Level: -12, Codec: "PCMU/8000/1", Transport: "udp", Seconds: 120})
	phone.Dial(gateway.URI("2001", "udp"))
	anna.Click("[data-testid=ask-allow]")
	mark(anna, "AUDIO OPEN")
	out, exit = looks(t, anna, link)
	says(t, out, exit, 0, "(telephone)", "grant 1 line", "members; clear at the gateway (grant 1)", "members, and the gateway (grant 1)", "members only",
		"the telephone system", "can open: audio", "As promised")

	// The same meeting by a link of another owner: somebody else's room under the same number.
	before, owner, _ := strings.Cut(link, "#1.m.")
	forged := before + "#1.m.AAAA" + owner[4:]
	out, exit = looks(t, anna, forged)
	says(t, out, exit, 1, "THIS IS NOT WHAT YOUR LINK PROMISES", "the owner of the room is not the one in the link")

	join(t, browser, gateway.Link("2002", "h."+hostSecret, query), "Ben")
	out, exit = looks(t, nil, gateway.Link("2002", "g."+guestSecret, ""))
	says(t, out, exit, 1, "Ben (browser)", "IN CLEAR: this room is open", "the gateway reads all of it")
}

// invited is the link that the page hands to guests.
func invited(page *chromium.Page) (link string) {
	page.Click("[data-testid=invite]")
	page.Until(`() => document.querySelector("[data-testid=invite-link]")?.value.includes("#1.m.")`, nil)
	page.Evaluate(`() => document.querySelector("[data-testid=invite-link]").value`, nil, &link)
	page.Press("Escape")
	return link
}

// longCodeOf is the code that the page shows for its epoch.
func longCodeOf(page *chromium.Page) string {
	page.Click("[data-testid=room-mark]")
	page.Click("[data-testid=long-show]")
	page.See("[data-testid=long-code]")
	code := page.Text("[data-testid=long-code]")
	page.Press("Escape")
	return code
}

// looks runs the self test, which the host lets in; nil where nobody has to.
func looks(t *testing.T, host *chromium.Page, link string) (out string, exit int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var b strings.Builder
	cmd := exec.CommandContext(ctx, server.Binary(t), "selftest", "--e2ee", "--any-certificate", "--seconds", "6", link)
	cmd.Stdout, cmd.Stderr = &b, &b
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if host != nil {
		host.Click("[data-testid=admit-first], [data-testid=admit]")
	}
	err := cmd.Wait()
	var failed *exec.ExitError
	switch {
	case errors.As(err, &failed):
		exit = failed.ExitCode()
	case err != nil:
		t.Fatal(err)
	}
	t.Logf("exit %d:\n%s", exit, b.String())
	return b.String(), exit
}

func says(t *testing.T, out string, exit, want int, words ...string) {
	t.Helper()
	if exit != want {
		t.Errorf("exit %d, not %d", exit, want)
	}
	for _, w := range words {
		if !strings.Contains(out, w) {
			t.Errorf("%q is missing", w)
		}
	}
}
