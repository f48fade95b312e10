package main

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestStartsThatFail: whoever starts it reads one line that names the file or port and says what to do.
func TestStartsThatFail(t *testing.T) {
	t.Parallel()
	taken, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	none := filepath.Join(t.TempDir(), "none.pem")
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	add := func(after, line string) func(string) string {
		return func(s string) string { return strings.Replace(s, after, after+line, 1) }
	}
	for name, c := range map[string]struct {
		edit func(string) string
		want string
	}{
		"port taken": {
			func(s string) string {
				return strings.Replace(s, "udp, address: \"127.0.0.1:0\"", "udp, address: \""+taken.LocalAddr().String()+"\"", 1)
			},
			"Port " + taken.LocalAddr().String() + " (udp) is taken by another program. End it, or change sip.listen.",
		},
		"web certificate missing": {
			add("web:\n", "  certificate: "+none+"\n  key: "+none+"\n"),
			"There is no certificate at " + none + ". Put it there, correct web.certificate and web.key, or leave both empty",
		},
		"SIP certificate missing": {
			add("sip:\n", "  tls: {certificate: "+none+", key: "+none+"}\n"),
			"There is no certificate at " + none + ". Put it there, correct sip.tls.certificate and sip.tls.key, or leave both empty",
		},
		"certificate that is none": {
			add("web:\n", "  certificate: "+file+"\n  key: "+file+"\n"),
			"The certificate " + file + " cannot be used",
		},
		"state folder that is a file": {
			func(s string) string { return "stateDir: " + file + "\n" + s[strings.Index(s, "\n")+1:] },
			"The state folder cannot be used: " + file,
		},
		"fault in the configuration": {add("sip:\n", "  lisen: []\n"), "legroom.yaml:3:3: sip.lisen"},
	} {
		t.Run(name, func(t *testing.T) {
			fails(t, c.want, "serve", "--config", configFile(t, filepath.Join(t.TempDir(), "state"), c.edit))
		})
	}
	t.Run("no configuration", func(t *testing.T) {
		fails(t, "There is no file "+none+".", "serve", "--config", none)
	})
}

// TestGreetingNobodyReads: a terminal or file that takes no greeting is no reason to take no calls.
func TestGreetingNobodyReads(t *testing.T) {
	t.Parallel()
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skipf("no device that is always full: %v", err)
	}
	defer func() { _ = full.Close() }()
	log, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = log.Close() }()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := program(ctx, "serve", "--config", configFile(t, t.TempDir(), nil))
	cmd.Stdout, cmd.Stderr = full, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a warning", func() bool { return strings.Contains(read(t, log.Name()), "greeting cannot be written") })
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("ends with %v:\n%s", err, read(t, log.Name()))
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatalf("never: %s", what)
		}
	}
}
