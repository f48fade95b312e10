//go:build e2e

package chromium

import (
	"encoding/base64"
	"encoding/binary"
	"testing"
	"time"
)

// Page is one tab. Every method fails the test when the page does not do what is asked within its limit.
type Page struct {
	d    *Driver
	t    *testing.T
	name string
}

const limit = 20 * time.Second

// In gives the page to another test, a subtest mostly, which then fails when the page does.
func (p *Page) In(t *testing.T) *Page { return &Page{d: p.d, t: t, name: p.name} }

// Click the first element that fits.
func (p *Page) Click(selector string) {
	p.t.Helper()
	p.d.call(p.t, p.name, "click", args{"page": p.name, "selector": selector, "timeout": limit.Milliseconds()}, nil)
}

// Fill a field.
func (p *Page) Fill(selector, text string) {
	p.t.Helper()
	p.d.call(p.t, p.name, "fill", args{"page": p.name, "selector": selector, "text": text, "timeout": limit.Milliseconds()}, nil)
}

// Upload gives a file to a field for one.
func (p *Page) Upload(selector, file string) {
	p.t.Helper()
	p.d.call(p.t, p.name, "upload", args{"page": p.name, "selector": selector, "file": file}, nil)
}

// Press a key, in the notation of the DOM's KeyboardEvent.key.
func (p *Page) Press(key string) {
	p.t.Helper()
	p.d.call(p.t, p.name, "press", args{"page": p.name, "key": key}, nil)
}

// See waits until an element can be seen.
func (p *Page) See(selector string) {
	p.t.Helper()
	p.d.call(p.t, p.name, "wait", args{"page": p.name, "selector": selector, "timeout": limit.Milliseconds()}, nil)
}

// Gone waits until no such element can be seen.
func (p *Page) Gone(selector string) {
	p.t.Helper()
	p.d.call(p.t, p.name, "wait", args{"page": p.name, "selector": selector, "state": "hidden", "timeout": limit.Milliseconds()}, nil)
}

// Text of the first element that fits.
func (p *Page) Text(selector string) string {
	p.t.Helper()
	var s string
	p.d.call(p.t, p.name, "text", args{"page": p.name, "selector": selector, "timeout": limit.Milliseconds()}, &s)
	return s
}

// Evaluate runs a function of the page, given as source, with arg, and decodes what it returns.
func (p *Page) Evaluate(function string, arg, into any) {
	p.t.Helper()
	p.d.call(p.t, p.name, "evaluate", args{"page": p.name, "script": function, "arg": arg}, into)
}

// Ask is Evaluate where the page may be on its way to another document: then there is an error and no answer.
func (p *Page) Ask(function string, arg, into any) error {
	return p.d.try("evaluate", args{"page": p.name, "script": function, "arg": arg}, into)
}

// Until waits until the function of the page returns true.
func (p *Page) Until(function string, arg any) {
	p.t.Helper()
	p.d.call(p.t, p.name, "until", args{"page": p.name, "script": function, "arg": arg, "timeout": limit.Milliseconds()}, nil)
}

// Offline cuts the page's HTTP and WebSocket connections off, or gives them back.
func (p *Page) Offline(offline bool) {
	p.t.Helper()
	p.d.call(p.t, p.name, "offline", args{"page": p.name, "offline": offline}, nil)
}

// Goto opens another address.
func (p *Page) Goto(url string) {
	p.t.Helper()
	p.d.call(p.t, p.name, "goto", args{"page": p.name, "url": url}, nil)
}

// Resize gives the window another size, CSS pixels.
func (p *Page) Resize(width, height int) {
	p.t.Helper()
	p.d.call(p.t, p.name, "resize", args{"page": p.name, "width": width, "height": height}, nil)
}

// Heap is what the page's scripts hold after a collection, bytes, without those of its workers.
func (p *Page) Heap() int {
	p.t.Helper()
	var bytes int
	p.d.call(p.t, p.name, "heap", args{"page": p.name}, &bytes)
	return bytes
}

// Reload the page.
func (p *Page) Reload() {
	p.t.Helper()
	p.d.call(p.t, p.name, "reload", args{"page": p.name}, nil)
}

// Screenshot writes a PNG.
func (p *Page) Screenshot(path string) {
	p.t.Helper()
	p.d.call(p.t, p.name, "screenshot", args{"page": p.name, "path": path}, nil)
}

// Close the page.
func (p *Page) Close() {
	p.t.Helper()
	p.d.call(p.t, p.name, "closePage", args{"page": p.name}, nil)
}

// Violation is one finding of axe.
type Violation struct {
	ID     string   `json:"id"`
	Impact string   `json:"impact"`
	Help   string   `json:"help"`
	Nodes  []string `json:"nodes"`
}

// Axe examines the page for accessibility faults.
func (p *Page) Axe() []Violation {
	p.t.Helper()
	var v []Violation
	p.d.call(p.t, p.name, "axe", args{"page": p.name}, &v)
	return v
}

// listen sums all audio the page plays and gives it as 16-bit samples at 48 kHz.
const listen = `async ({ seconds }) => {
  const context = new AudioContext({ sampleRate: 48000 });
  await context.resume();
  const wanted = Math.round(seconds * 48000);
  const out = new Int16Array(wanted);
  let have = 0, skip = 24000, heardAny = false; // half a second until the graph runs evenly
  const tap = context.createScriptProcessor(4096, 1, 1);
  for (const element of document.querySelectorAll("audio")) {
    const stream = element.srcObject;
    if (!stream || stream.getAudioTracks().length === 0) continue;
    context.createMediaStreamSource(stream).connect(tap);
    heardAny = true;
  }
  if (!heardAny) { await context.close(); return null; }
  await new Promise((done) => {
    tap.onaudioprocess = (e) => {
      const x = e.inputBuffer.getChannelData(0);
      for (let i = 0; i < x.length && have < wanted; i++) if (skip-- <= 0) out[have++] = Math.max(-32768, Math.min(32767, Math.round(x[i] * 32767)));
      if (have >= wanted) done();
    };
    tap.connect(context.destination);
  });
  await context.close();
  let s = "";
  const bytes = new Uint8Array(out.buffer);
  for (let i = 0; i < bytes.length; i += 8192) s += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(s);
}`

// Hear listens by WebAudio to everything the page plays, for that long, and gives it at 48 kHz; nil when it plays nothing.
func (p *Page) Hear(d time.Duration) []int16 {
	p.t.Helper()
	var encoded *string
	p.Evaluate(listen, map[string]float64{"seconds": d.Seconds()}, &encoded)
	if encoded == nil {
		return nil
	}
	b, err := base64.StdEncoding.DecodeString(*encoded)
	if err != nil {
		p.t.Fatal(err)
	}
	samples := make([]int16, len(b)/2)
	for i := range samples {
		samples[i] = int16(binary.LittleEndian.Uint16(b[2*i:]))
	}
	return samples
}

// Console gives what the page wrote to its console so far.
func (p *Page) Console() []string {
	p.t.Helper()
	var lines []string
	p.d.call(p.t, p.name, "console", args{"page": p.name}, &lines)
	return lines
}
