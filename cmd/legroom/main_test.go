package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// asProgram has the test binary be the program: its arguments are those of legroom.
const asProgram = "LEGROOM_TEST_AS_PROGRAM"

// patience bounds every wait; it is only ever spent by a test that fails.
const patience = 30 * time.Second

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// program makes a command that runs legroom as its own process.
func program(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, os.Args[0], args...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	return cmd
}

// configFile writes a configuration on free ports of loopback; edit may change its text first.
func configFile(t *testing.T, stateDir string, edit func(string) string) string {
	t.Helper()
	text := fmt.Sprintf(`stateDir: %s
sip:
  listen:
    - {network: udp, address: "127.0.0.1:0"}
    - {network: tls, address: "127.0.0.1:0"}
  rtp: {address: 127.0.0.1, portMin: 0, portMax: 0}
web:
  listen: "127.0.0.1:0"
browsers:
  udp: "127.0.0.1:0"
  tcp: "127.0.0.1:0"
  loopback: true
operate:
  listen: "127.0.0.1:0"
calls:
  drain: 0s
rooms:
  - number: "1000"
    pin: "604713"
    mode: open
    lobby: false
`, stateDir)
	if edit != nil {
		text = edit(text)
	}
	file := filepath.Join(t.TempDir(), "legroom.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// fails runs legroom to its end, which must be a refusal: an exit code, nothing on stdout, and one plain line that holds
// the words. It gives that line.
func fails(t *testing.T, words string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var out, errs strings.Builder
	cmd := program(ctx, args...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	says := strings.TrimSpace(errs.String())
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 1 {
		t.Errorf("ends with %v, want exit code 1; it says %q", err, says)
	}
	if out.Len() > 0 || strings.Contains(says, "\n") || !strings.HasPrefix(says, "legroom: ") || !strings.Contains(says, words) {
		t.Errorf("prints %q and says %q, want one line with %q", out.String(), says, words)
	}
	return says
}

// serving is a gateway that is up.
type serving struct {
	t   *testing.T
	cmd *exec.Cmd
	sip netip.AddrPort

	reads sync.WaitGroup
}

var dialLine = regexp.MustCompile(`Dial +sip:(127\.0\.0\.1:\d+)`)

// serve starts a gateway whose log goes to w, and waits until it says that it is up. False: it ended instead.
func serve(t *testing.T, config string, w io.Writer) (*serving, bool) {
	t.Helper()
	s := &serving{t: t, cmd: program(t.Context(), "serve", "--config", config)}
	s.cmd.Stderr = w
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	up := make(chan bool, 1)
	s.reads.Go(func() {
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			if m := dialLine.FindStringSubmatch(lines.Text()); m != nil {
				s.sip = netip.MustParseAddrPort(m[1])
				up <- true
			}
		}
		up <- false
	})
	select {
	case ok := <-up:
		if !ok {
			s.reads.Wait()
			_ = s.cmd.Wait()
		}
		return s, ok
	case <-time.After(patience):
		t.Fatal("neither up nor ended")
		return nil, false
	}
}

// end stops the gateway as an operator would; it must end well.
func (s *serving) end() {
	s.t.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		s.t.Fatal(err)
	}
	s.reads.Wait()
	if err := s.cmd.Wait(); err != nil {
		s.t.Errorf("ends with %v", err)
	}
}
