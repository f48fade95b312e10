package sip_test

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"legroom/sip"
	"legroom/sip/siptest"
)

// dropped stands for no answer at all.
const dropped = 0

// torture is what a UAS should answer to each message of RFC 4475 and RFC 5118; any of the statuses is right. A call
// that is taken is refused by the test's Handler with 404.
var torture = map[string][]int{
	// Valid.
	"wsinv": {481, 400}, "intmeth": {405, 501}, "esc01": {404, 488, 415}, "escnull": {405, 501, 404}, "esc02": {405, 501},
	"lwsdisp": {200}, "longreq": {404, 400, 488}, "dblreq": {405, 501}, "semiuri": {200, 404}, "transports": {200},
	"mpart01": {200, 405, 415, 501}, "unreason": {dropped}, "noreason": {dropped},
	// Syntactically bad.
	"badinv01": {400, dropped}, "clerr": {400}, "ncl": {400}, "scalar02": {400}, "scalarlg": {dropped}, "quotbal": {400},
	"ltgtruri": {400, 404, 488, 416}, "lwsruri": {400, 416}, "lwsstart": {400}, "trws": {400, 200}, "escruri": {400, 404, 488},
	"baddate": {400, 404, 488}, "regbadct": {400, 405}, "badaspec": {400, 200, dropped}, "baddn": {400, 200, dropped}, "badvers": {505, 400},
	"mismatch01": {400}, "mismatch02": {400, 501, 405}, "bigcode": {dropped},
	// Semantics.
	"badbranch": {200, 400}, "insuf": {400, dropped}, "unkscm": {416}, "novelsc": {416}, "unksm2": {405, 501, 400, 416},
	"bext01": {420}, "invut": {415}, "regaut01": {405, 401}, "multi01": {400}, "mcl01": {400}, "bcast": {dropped},
	"zeromf": {200, 483}, "cparam01": {405, 501}, "cparam02": {405, 501}, "regescrt": {405, 501}, "sdp01": {406, 488, 404},
	"inv2543": {404, 488},
	// RFC 5118.
	"v6-good": {405, 501, 404, 488, 200}, "v6-bad": {400}, "v6-port-ambiguous": {405, 200, 404, 488}, "v6-port-unambiguous": {405, 200, 404, 488},
	"v6-received-with-delim": {200, 405, 404, 481}, "v6-received-no-delim": {200, 405, 404, 481}, "v6-in-sdp": {404, 488},
	"v6-mult-ip-in-header": {200, 405, 404, 481, 488}, "v6-mult-ip-in-sdp": {404, 488}, "v6-ipv4-mapped": {404, 488, 400},
	"v6-abnf-3-colons": {400, 405, 200, 404, dropped},
}

// knownFailing are messages whose right answer cannot be reached, with the reason.
var knownFailing = map[string]string{
	"inv2543": "sipgo's transaction key needs a From tag where the branch has no magic cookie; RFC 2543 callers get 400",
}

func TestTorture(t *testing.T) {
	var log lockedBuffer
	b := start(t, handlerFunc(func(_ context.Context, d *sip.Dialog) { _ = d.Reject(sip.ErrNotFound) }), func(c *sip.Config) {
		c.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	files, err := filepath.Glob("testdata/torture/*.dat")
	if err != nil || len(files) < 60 {
		t.Fatalf("%d messages, %v", len(files), err)
	}
	var bodies []string
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".dat")
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		bodies = append(bodies, sdpLines(raw)...)
		t.Run(name, func(t *testing.T) {
			want, listed := torture[name]
			if !listed {
				t.Fatal("no expected answer listed")
			}
			got := tortureAnswer(t, b, prepared(name, raw))
			if why, known := knownFailing[name]; known {
				if slices.Contains(want, got) {
					t.Errorf("answered with %d: take it off knownFailing", got)
				}
				t.Skipf("answered with %d, want one of %v: %s", got, want, why)
			}
			if !slices.Contains(want, got) {
				t.Errorf("answered with %d, want one of %v", got, want)
			}
		})
	}
	for _, line := range bodies {
		if strings.Contains(log.String(), line) {
			t.Errorf("a log line holds %q of a session description", line)
		}
	}
	// Whatever came, the next call works.
	p := b.phone(siptest.Options{})
	if res := p.Invite("1000").Final(); res.Status() != 404 {
		t.Errorf("call after it all answered with %q", res.Start)
	}
}

// prepared makes a message fit for one run of many: its branch is not that of another message, and its topmost Via, which
// names a host that is not here, asks for the answer where it came from.
func prepared(name string, raw []byte) []byte {
	for _, branch := range []string{"z9hG4bKkdjuw", "z9hG4bKas3-111"} {
		raw = bytes.Replace(raw, []byte(branch), []byte(branch+name), 1)
	}
	top := regexp.MustCompile(`(?im)^(v|via)[ \t]*:([^;\r]|\r\n[ \t])*`)
	if loc := top.FindIndex(raw); loc != nil {
		raw = bytes.Join([][]byte{raw[:loc[1]], raw[loc[1]:]}, []byte(";rport"))
	}
	return raw
}

// tortureAnswer sends one message from a socket of its own and gives the status of its final answer. An OPTIONS behind it
// tells when everything was answered that would be.
func tortureAnswer(t *testing.T, b *bench, raw []byte) int {
	t.Helper()
	c, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(b.Addr("udp")))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Write(raw); err != nil {
		t.Fatal(err)
	}
	fence := b.phone(siptest.Options{})
	fence.Do(fence.Request("OPTIONS", "fence"))
	fence.Close()
	buf := make([]byte, 65536)
	for {
		_ = c.SetReadDeadline(time.Now().Add(400 * time.Millisecond))
		n, err := c.Read(buf)
		if err != nil {
			return dropped
		}
		m, err := siptest.Parse(buf[:n])
		if err != nil {
			t.Errorf("answer cannot be read: %v\n%s", err, buf[:n])
			return -1
		}
		if m.Status() >= 200 {
			return m.Status()
		}
	}
}

// sdpLines are the lines of a body that tell something.
func sdpLines(raw []byte) []string {
	_, body, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	var out []string
	for line := range strings.Lines(string(body)) {
		if line = strings.TrimSpace(line); len(line) > 8 && line[1] == '=' {
			out = append(out, line)
		}
	}
	return out
}

// lockedBuffer takes log lines from many goroutines.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
