//go:build e2e

// Package baresip drives real baresip phones in tests: one process a phone, scripted over its control port, with a tone
// for a voice and a recording of what it heard.
package baresip

import (
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"legroom/test/e2e/ports"
	"legroom/test/e2e/wave"
)

// Config of one phone.
type Config struct {
	// Tone it speaks, Hz; 0 is silence.
	Tone float64
	// Level of the tone, dBFS.
	Level float64
	// Codec as baresip spells it, with the clock: "G722/16000/1".
	Codec string
	// Transport of SIP: "udp", "tcp", "tls".
	Transport string
	// Video is the codec of pictures: "H264", which it takes in packetization-mode 0 alone, or "VP8"; empty for none.
	Video string
	// Film is a file of pictures without sound that it shows; empty for a still one of its own.
	Film string
	// MediaEnc is "" (clear), "srtp-mand" (SDES) or "dtls_srtp".
	MediaEnc string
	// User part of its address of record; "phone" when empty.
	User string
	// Seconds the tone lasts, and with it the call; 60 when 0.
	Seconds int
}

// Event is one line of the control port's event stream.
type Event struct {
	Type  string `json:"type"`
	Param string `json:"param"`
}

// Phone is a running baresip.
type Phone struct {
	t      *testing.T
	dir    string
	config Config
	cmd    *exec.Cmd
	stdin  io.Closer
	ctrl   net.Conn
	mu     sync.Mutex
	events []Event
	news   chan struct{}
	done   chan struct{}
	ended  sync.Once
}

// Start runs a phone until the test ends.
func Start(t *testing.T, c Config) *Phone {
	t.Helper()
	if _, err := exec.LookPath("baresip"); err != nil {
		t.Fatalf("baresip is not installed (scripts/deps.sh test): %v", err)
	}
	p := &Phone{t: t, dir: t.TempDir(), config: c, news: make(chan struct{}, 1), done: make(chan struct{})}
	// baresip takes the port above that of SIP for TLS, and picks one for media out of twenty.
	sipPort := ports.Free(t, 26)
	ctrlPort, rtpPort := sipPort+2, sipPort+4
	p.write(sipPort, ctrlPort, rtpPort)
	p.cmd = exec.Command("baresip", "-4", "-f", p.dir, "-s")
	p.cmd.Dir = p.dir               // where pictures go
	stdin, err := p.cmd.StdinPipe() // baresip ends when its standard input does
	if err != nil {
		t.Fatal(err)
	}
	p.stdin = stdin
	log, err := os.Create(filepath.Join(p.dir, "baresip.log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	p.cmd.Stdout, p.cmd.Stderr = log, log
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	p.connect(ctrlPort)
	return p
}

// Dial calls uri and waits until the call stands.
func (p *Phone) Dial(uri string) {
	p.t.Helper()
	p.Command("dial", uri)
	if ev := p.WaitAny(15*time.Second, "CALL_ESTABLISHED", "CALL_CLOSED"); ev.Type != "CALL_ESTABLISHED" {
		p.t.Fatalf("baresip: call to %s was closed: %s\n%s", uri, ev.Param, p.Log(60))
	}
}

// Digits sends DTMF (RFC 4733), one key after another as a thumb would.
func (p *Phone) Digits(digits string) {
	p.t.Helper()
	for _, d := range digits {
		p.Command("sndcode", string(d))
		p.pause(160 * time.Millisecond)
	}
}

// Hangup ends the call.
func (p *Phone) Hangup() {
	p.Command("hangup", "")
	p.Wait("CALL_CLOSED", 15*time.Second)
}

// Command sends one command to the control port.
func (p *Phone) Command(name, params string) {
	p.t.Helper()
	b, err := json.Marshal(map[string]string{"command": name, "params": params, "token": "t"})
	if err != nil {
		p.t.Fatal(err)
	}
	if _, err := fmt.Fprintf(p.ctrl, "%d:%s,", len(b), b); err != nil {
		p.t.Fatalf("baresip: %s: %v", name, err)
	}
}

// Wait waits for an event of the type and takes it, with all before it, from the queue.
func (p *Phone) Wait(typ string, limit time.Duration) Event {
	p.t.Helper()
	return p.WaitAny(limit, typ)
}

// WaitAny waits for the first event of one of the types.
func (p *Phone) WaitAny(limit time.Duration, types ...string) Event {
	p.t.Helper()
	deadline := time.After(limit)
	for {
		if ev, ok := p.take(types); ok {
			return ev
		}
		select {
		case <-p.news:
		case <-p.done:
			if ev, ok := p.take(types); ok {
				return ev
			}
			p.t.Fatalf("baresip ended while waiting for %v\n%s", types, p.Log(60))
		case <-deadline:
			p.t.Fatalf("baresip: no %v within %v\n%s", types, limit, p.Log(60))
		}
	}
}

// Heard gives the samples received so far and their rate, Hz: what went to the loudspeaker, after decoding.
func (p *Phone) Heard() ([]int16, int) {
	p.t.Helper()
	files, _ := filepath.Glob(filepath.Join(p.dir, "rec", "*dec.wav"))
	if len(files) == 0 {
		return nil, 0
	}
	samples, rate, err := wave.Read(files[len(files)-1])
	if err != nil {
		p.t.Fatal(err)
	}
	return samples, rate
}

// Recordings is how many calls it has recorded, the one that stands among them.
func (p *Phone) Recordings() int {
	files, _ := filepath.Glob(filepath.Join(p.dir, "rec", "*dec.wav"))
	return len(files)
}

// Sees gives the picture that it received last, as baresip decoded it.
func (p *Phone) Sees() image.Image {
	p.t.Helper()
	p.Command("snapshot_recv", filepath.Join(p.dir, "sees"))
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); p.pause(50 * time.Millisecond) {
		files, _ := filepath.Glob(filepath.Join(p.dir, "sees*"))
		if len(files) == 0 {
			continue
		}
		if picture, err := readPNG(files[len(files)-1]); err == nil { // else it is still being written
			for _, f := range files {
				_ = os.Remove(f)
			}
			return picture
		}
	}
	p.t.Fatalf("baresip received no picture\n%s", p.Log(60))
	return nil
}

func readPNG(name string) (image.Image, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return png.Decode(f)
}

// Log gives the last lines of what the phone wrote, its SIP messages among them.
func (p *Phone) Log(lines int) string {
	b, _ := os.ReadFile(filepath.Join(p.dir, "baresip.log"))
	all := strings.Split(strings.ReplaceAll(string(b), "\r", "\n"), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}

func (p *Phone) take(types []string) (Event, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, ev := range p.events {
		for _, typ := range types {
			if ev.Type == typ {
				p.events = p.events[i+1:]
				return ev, true
			}
		}
	}
	return Event{}, false
}

// Close ends the phone, which happens by itself at the end of the test. It may be called twice.
func (p *Phone) Close() { p.ended.Do(p.stop) }

func (p *Phone) stop() {
	if p.ctrl != nil {
		p.ctrl.Close()
	}
	p.stdin.Close()
	_ = p.cmd.Process.Kill() // SIGTERM would wait for a registrar
	_ = p.cmd.Wait()
	if p.ctrl != nil {
		<-p.done
	}
}

func (p *Phone) connect(port int) {
	p.t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for {
		conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			p.ctrl = conn
			go p.read()
			return
		}
		if time.Now().After(deadline) {
			p.t.Fatalf("baresip does not answer its control port: %v\n%s", err, p.Log(40))
		}
		p.pause(20 * time.Millisecond)
	}
}

func (p *Phone) pause(d time.Duration) { <-time.After(d) }

// read takes netstrings off the control connection until it ends.
func (p *Phone) read() {
	defer close(p.done)
	for {
		var n int
		if _, err := fmt.Fscanf(byteReader{p.ctrl}, "%d:", &n); err != nil {
			return
		}
		b := make([]byte, n+1)
		if _, err := io.ReadFull(p.ctrl, b); err != nil {
			return
		}
		var ev Event
		if json.Unmarshal(b[:n], &ev) != nil || ev.Type == "" {
			continue
		}
		p.mu.Lock()
		p.events = append(p.events, ev)
		p.mu.Unlock()
		select {
		case p.news <- struct{}{}:
		default:
		}
	}
}

// byteReader keeps Fscanf from reading past the colon.
type byteReader struct{ r io.Reader }

func (b byteReader) Read(p []byte) (int, error) { return b.r.Read(p[:1]) }
