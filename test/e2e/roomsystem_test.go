//go:build e2e

package e2e

import (
	"image"
	"image/png"
	"os"
	"path/filepath"
	"testing"
	"time"

	"legroom/test/e2e/baresip"
	"legroom/test/e2e/server"
)

// TestARoomSystem: who dials into an open room with a camera is seen by browsers and sees them: passed on where both speak one
// codec, made in the other's where not.
func TestARoomSystem(t *testing.T) {
	for _, codec := range []string{"H264", "VP8"} {
		t.Run(codec, func(t *testing.T) {
			gateway := server.Start(t, config(false, room{number: "1001", pictures: true}))
			anna := enter(t, driver(t).Launch(voice(t, 440)), gateway.Link("1001", "h."+hostSecret, queryWithCamera), "Anna")
			anna.See("[data-testid=room]")
			room := baresip.Start(t, baresip.Config{Tone: 1000, Level: -12, Codec: "G722/16000/1", Transport: "udp", Video: codec})
			room.Dial(gateway.URI("1001", "udp"))
			// baresip's own picture is stripes of red, green and blue, Chromium's a green one.
			anna.Until(`() => [...document.querySelectorAll("[data-testid=tile] video")].some((v) => {
				if (v.videoWidth === 0) return false;
				const glass = new OffscreenCanvas(9, 3).getContext("2d");
				glass.drawImage(v, 0, 0, 9, 3);
				return [1, 4, 7].every((x, i) => glass.getImageData(x, 1, 1, 1).data.slice(0, 3).every((c, j) => (c > 150) === (i === j)));
			})`, nil)
			before := 0
			sees(t, room, codec, func(p image.Image) bool {
				before = inkOf(p)
				b := p.Bounds()
				red, green, blue, _ := p.At(b.Dx()/4, b.Dy()*3/4).RGBA()
				return green > 0x5000 && red < green/2 && blue < green/2
			})
			// A telephone listens: that has to be seen from the far end of the table.
			phone := baresip.Start(t, baresip.Config{Tone: 700, Level: -12, Codec: "PCMU/8000/1", Transport: "udp"})
			phone.Dial(gateway.URI("1001", "udp"))
			sees(t, room, codec+"-marked", func(p image.Image) bool {
				b := p.Bounds()
				_, inside, _, _ := p.At(b.Dx()/4, b.Dy()*3/4).RGBA()
				return inkOf(p) > before*11/10 && inside > 0x5000
			})
			if dir := os.Getenv("LEGROOM_PICTURES"); dir != "" {
				anna.Screenshot(filepath.Join(dir, "roomsystem-"+codec+"-browser.png"))
			}
		})
	}
}

// inkOf is how many dark points the amber banner on top of a picture has: 0 where there is no banner.
func inkOf(p image.Image) int {
	b := p.Bounds()
	dark := 0
	for y := range b.Dy() / 18 {
		for x := range b.Dx() {
			red, green, blue, _ := p.At(x, y).RGBA()
			switch {
			case x < b.Dx()/50 && (red < 0xb000 || green < 0x8000 || blue > 0x8000):
				return 0 // no amber at its edge
			case red < 0x6000:
				dark++
			}
		}
	}
	return dark
}

// sees waits until what the room system sees is so.
func sees(t *testing.T, room *baresip.Phone, name string, so func(image.Image) bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); ; {
		p := room.Sees()
		if so(p) {
			keep(t, "roomsystem-"+name+".png", p)
			return
		}
		if time.Now().After(end) {
			keep(t, "roomsystem-"+name+"-wrong.png", p)
			t.Fatalf("the room system does not see what it should, of %v", p.Bounds())
		}
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
