//go:build e2e

// Package crowd opens pages of people who can be told apart: each sends a tone and a colour of its own, at 320 x 180 and
// a few pictures a second, and each page holds every sound that it plays and every picture that it shows against the name
// at it. Two cores carry eight of them.
package crowd

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"testing"

	"legroom/test/e2e/chromium"
)

//go:embed crowd.js
var script string

// Person is somebody who can be told by ear and eye.
type Person struct {
	Name string `json:"name"`
	// Tone of the voice, Hz.
	Tone float64 `json:"tone"`
	// Hue of the picture, degrees of the colour circle.
	Hue float64 `json:"hue"`
}

// Crowd is everybody who may turn up, telephones too.
type Crowd struct {
	People []Person
	// Rate of the cameras, pictures a second. Their size is 640 x 360, of which the page makes layers of 160 x 90 and
	// 320 x 180; of a smaller picture Chromium sends one layer.
	Rate int
}

// Page is one of them.
type Page struct {
	*chromium.Page
	// Name of the person.
	Name string
}

// Look is what a page shows. Times are Unix milliseconds.
type Look struct {
	// Screen is the test id of what is shown: "room", "lobby", "ended".
	Screen string `json:"screen"`
	// Why the visit ended.
	Why   string `json:"why"`
	Now   int64  `json:"now"`
	Media string `json:"media"`
	Mark  string `json:"mark"`
	// Tiles, Hosts and Cards are names.
	Tiles []string `json:"tiles"`
	Hosts []string `json:"hosts"`
	Cards []string `json:"cards"`
	// Asks is how many telephone systems ask.
	Asks       int  `json:"asks"`
	Locked     bool `json:"locked"`
	Unreadable int  `json:"unreadable"`
	// Said is what came to stand above the stage since the last look.
	Said []Strip `json:"said"`
	// Heard and Seen tell when somebody's tone or colour was last there, under whatever name.
	Heard map[string]int64 `json:"heard"`
	Seen  map[string]int64 `json:"seen"`
	// Wrong is of the last minute.
	Wrong []Wrong `json:"wrong"`
}

// Strip is a line above the stage.
type Strip struct {
	ID    string `json:"id"`
	Words string `json:"words"`
}

// Wrong is a picture or a sound under another name than its own.
type Wrong struct {
	// Kind is "picture" or "sound".
	Kind string `json:"kind"`
	// Shown is the name at it, and Got whose it is.
	Shown string `json:"shown"`
	Got   string `json:"got"`
	// Since is for how long that place had had that name at the last of it, ms.
	Since int64 `json:"since"`
	From  int64 `json:"from"`
	To    int64 `json:"to"`
}

// Code is that of an epoch, which everybody in it has in common with nobody outside.
type Code struct {
	Epoch int    `json:"epoch"`
	Code  string `json:"code"`
}

// Picture is somebody's on a page since it was last asked for: the longest time without a new one, ms, how many there were
// and how wide the last was.
type Picture struct {
	Gap   float64 `json:"gap"`
	N     int     `json:"n"`
	Width int     `json:"width"`
}

// Sound is somebody's on a page since it was last asked for: the longest time without it and how much was listened to, ms.
type Sound struct {
	Gap   float64 `json:"gap"`
	Heard float64 `json:"heard"`
}

// Open opens link as one of the crowd.
func (c Crowd) Open(t *testing.T, b *chromium.Browser, link, name string, view chromium.View) *Page {
	t.Helper()
	settings, err := json.Marshal(map[string]any{"me": name, "people": c.People, "width": 640, "height": 360, "rate": c.Rate})
	if err != nil {
		t.Fatal(err)
	}
	view.Script = fmt.Sprintf("{ const CROWD = %s;\n%s }", settings, script)
	return &Page{Page: b.Open(t, link, view), Name: name}
}

// Look looks at the page; one on its way to another document shows nothing.
func (p *Page) Look() Look {
	var l Look
	if p.Ask("() => globalThis.crowd?.look() ?? {}", nil, &l) != nil {
		return Look{}
	}
	return l
}

// Messages are the last that went to the gateway and came from it, with what the browser counts of each video: for
// whoever reads a failure.
func (p *Page) Messages() []string {
	var all, videos []string
	_ = p.Ask("() => globalThis.crowd?.messages() ?? []", nil, &all)
	_ = p.Ask("() => globalThis.crowd?.videos() ?? []", nil, &videos)
	return append(all, videos...)
}

// Press clicks what has that test id, if it is there.
func (p *Page) Press(id string) bool { return p.do("(id) => globalThis.crowd?.click(id) ?? false", id) }

// Kill ends the worker that holds the keys.
func (p *Page) Kill() { p.do("() => globalThis.crowd?.kill() ?? false", nil) }

// Admit lets in who waits under that name, if they do.
func (p *Page) Admit(name string) bool {
	return p.do("(name) => globalThis.crowd?.admit(name) ?? false", name)
}

// Act does something to somebody in the list of people, once what can be done is unfolded.
func (p *Page) Act(name, what string) bool {
	return p.do("([name, what]) => globalThis.crowd?.act(name, what) ?? false", []string{name, what})
}

// Speak says how loud the voice is, 0 to 1.
func (p *Page) Speak(gain float64) {
	p.do("(gain) => { globalThis.crowd?.speak(gain); return true; }", gain)
}

// Code asks for the code of the epoch; its Epoch is -1 until it is made.
func (p *Page) Code() Code {
	c := Code{Epoch: -1}
	if p.Ask("() => globalThis.crowd?.code() ?? { epoch: -1, code: '' }", nil, &c) != nil {
		return Code{Epoch: -1}
	}
	return c
}

// Pictures tells of everybody's since the last reset, and under no name of all together.
func (p *Page) Pictures(reset bool) map[string]Picture {
	all := map[string]Picture{}
	_ = p.Ask("(reset) => globalThis.crowd?.pictures(reset) ?? {}", reset, &all)
	return all
}

// Sounds tells of everybody's since the last time, and how much the browser has made up for all of them so far, ms.
func (p *Page) Sounds() (all map[string]Sound, madeUp float64) {
	var told struct {
		Told   map[string]Sound `json:"told"`
		MadeUp float64          `json:"madeUp"`
	}
	p.Evaluate("() => globalThis.crowd.sounds()", nil, &told)
	return told.Told, told.MadeUp
}

func (p *Page) do(function string, arg any) bool {
	var done bool
	return p.Ask(function, arg, &done) == nil && done
}
