//go:build e2e

package e2e

import (
	"image"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"legroom/test/e2e/baresip"
	"legroom/test/e2e/server"
)

// TestARoomSystem: who dials in with a camera is seen by the browsers and sees them, in an open room.
func TestARoomSystem(t *testing.T) {
	for _, codec := range []string{"H264", "VP8"} {
		t.Run(codec, func(t *testing.T) {
			gateway := server.Start(t, config(false, room{number: "1001"}))
			d := driver(t)
			anna := enter(t, d.Launch(voice(t, 440)), gateway.Link("1001", "h."+hostSecret, queryWithCamera), "Anna")
			anna.See("[data-testid=room]")
			room := baresip.Start(t, baresip.Config{Tone: 1000, Level: -12, Codec: "G722/16000/1", Transport: "udp", Video: codec})
			room.Dial(gateway.URI("1001", "udp"))
			seePicture(anna)
			keep(t, "roomsystem-"+codec+".png", room.Sees())
			if dir := os.Getenv("LEGROOM_PICTURES"); dir != "" {
				anna.Screenshot(filepath.Join(dir, "roomsystem-"+codec+"-browser.png"))
			}
		})
	}
}

// keep writes a picture where LEGROOM_PICTURES says, for whoever wants to look.
func keep(t *testing.T, name string, p image.Image) {
	t.Helper()
	dir := os.Getenv("LEGROOM_PICTURES")
	if dir == "" {
		return
	}
	f, err := os.Create(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, p); err != nil {
		t.Fatal(err)
	}
}
