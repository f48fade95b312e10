//go:build e2e

// Package linphone drives a real Linphone in tests: another SIP and media stack than baresip's, to be sure that what one
// accepts is not that one's taste.
package linphone

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"legroom/test/e2e/wave"
)

// Config of one phone.
type Config struct {
	// Tone it speaks, Hz, at -6 dBFS.
	Tone float64
	// Encryption is "none" or "srtp" (SDES).
	Encryption string
	// Port of its SIP, UDP.
	Port int
}

// Phone is a running linphonec.
type Phone struct {
	t     *testing.T
	dir   string
	cmd   *exec.Cmd
	stdin io.WriteCloser
}

// Start runs a phone until the test ends.
func Start(t *testing.T, c Config) *Phone {
	t.Helper()
	p := &Phone{t: t, dir: t.TempDir()}
	rc := fmt.Sprintf("[sip]\nsip_port=%d\nuse_ipv6=0\nmedia_encryption=%s\nbind_address=127.0.0.1\n[video]\nenabled=0\n", c.Port, c.Encryption)
	p.file("lp.rc", []byte(rc))
	p.file("voice.wav", wave.Tone(c.Tone, -6, 16000, 60))
	if err := os.MkdirAll(filepath.Join(p.dir, ".local/share/linphone"), 0o755); err != nil {
		t.Fatal(err)
	}
	p.cmd = exec.Command("linphonec", "-c", "lp.rc", "-l", "lp.log", "-d", "6")
	p.cmd.Dir = p.dir
	p.cmd.Env = append(os.Environ(), "HOME="+p.dir)
	out, err := os.Create(filepath.Join(p.dir, "out.log"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	p.cmd.Stdout, p.cmd.Stderr = out, out
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatalf("linphonec is not installed (scripts/deps.sh test): %v", err)
	}
	t.Cleanup(p.stop)
	p.Line("ipv6 disable") // must be the first; the key in the file is not enough
	p.Line("soundcard use files")
	p.Line("play " + filepath.Join(p.dir, "voice.wav"))
	p.Line("record " + filepath.Join(p.dir, "heard.wav"))
	return p
}

// Line types one command; a line of digits is sent as telephone-events.
func (p *Phone) Line(command string) {
	p.t.Helper()
	if _, err := fmt.Fprintln(p.stdin, command); err != nil {
		p.t.Fatalf("linphonec: %s: %v\n%s", command, err, p.Log(40))
	}
}

// Dial calls uri and waits until the call stands.
func (p *Phone) Dial(uri string) {
	p.t.Helper()
	p.Line("call " + uri)
	deadline := time.Now().Add(15 * time.Second)
	for !strings.Contains(p.Log(1<<20), "LinphoneCallStreamsRunning") {
		if time.Now().After(deadline) {
			p.t.Fatalf("linphonec: no call to %s within 15 s\n%s", uri, p.Log(60))
		}
		<-time.After(50 * time.Millisecond)
	}
}

// recordRate is what Linphone records Opus at, Hz.
const recordRate = 48000

// Heard gives what it recorded so far and the rate, Hz. Linphone writes the header of the file at the end of the call, so
// what is behind it is read by what is known of it.
func (p *Phone) Heard() ([]int16, int) {
	b, err := os.ReadFile(filepath.Join(p.dir, "heard.wav"))
	if err != nil || len(b) <= wave.HeaderBytes {
		return nil, 0
	}
	return wave.Samples(b[wave.HeaderBytes:], 1), recordRate
}

// Log gives the last lines of its log.
func (p *Phone) Log(lines int) string {
	b, _ := os.ReadFile(filepath.Join(p.dir, "lp.log"))
	all := strings.Split(string(b), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}

func (p *Phone) file(name string, b []byte) {
	p.t.Helper()
	if err := os.WriteFile(filepath.Join(p.dir, name), b, 0o600); err != nil {
		p.t.Fatal(err)
	}
}

func (p *Phone) stop() {
	_, _ = fmt.Fprintln(p.stdin, "terminate")
	_, _ = fmt.Fprintln(p.stdin, "quit")
	p.stdin.Close()
	ended := make(chan struct{})
	go func() { _ = p.cmd.Wait(); close(ended) }()
	select {
	case <-ended:
	case <-time.After(3 * time.Second):
		_ = p.cmd.Process.Kill()
		<-ended
	}
}
