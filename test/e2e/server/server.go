//go:build e2e

// Package server runs the gateway's own binary in tests, as an operator would: a configuration file in, a process out.
package server

import (
	"bytes"
	"fmt"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"legroom/test/e2e/ports"
)

// Server is a running gateway.
type Server struct {
	t   *testing.T
	cmd *exec.Cmd
	dir string
	out *output
	// Ports it listens on.
	Ports Ports
}

// Ports of one gateway, all free when they were chosen.
type Ports struct {
	SIP, SIPS, Web, Media, Operate int
}

// output collects what the process prints; tests look for secrets in it.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// Binary is the gateway's path: LEGROOM_BIN, or bin/legroom of this checkout.
func Binary(t *testing.T) string {
	t.Helper()
	if bin := os.Getenv("LEGROOM_BIN"); bin != "" {
		return bin
	}
	bin := filepath.Join(Root(t), "bin", "legroom")
	if _, err := os.Stat(bin); err != nil {
		t.Fatalf("no gateway to test: run make build first: %v", err)
	}
	return bin
}

// Root is the folder that holds go.mod.
func Root(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for dir != "/" {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		dir = filepath.Dir(dir)
	}
	t.Fatal("no go.mod above the test")
	return ""
}

// Start runs `legroom serve` with the configuration that config makes of free ports, until the test ends.
func Start(t *testing.T, config func(p Ports, stateDir string) string) *Server {
	t.Helper()
	s := &Server{t: t, dir: t.TempDir(), out: &output{}}
	port := ports.Free(t, 5)
	s.Ports = Ports{SIP: port, SIPS: port + 1, Web: port + 2, Media: port + 3, Operate: port + 4}
	file := filepath.Join(s.dir, "legroom.yaml")
	if err := os.WriteFile(file, []byte(config(s.Ports, filepath.Join(s.dir, "state"))), 0o600); err != nil {
		t.Fatal(err)
	}
	s.cmd = exec.Command(Binary(t), "serve", "--config", file)
	s.cmd.Stdout, s.cmd.Stderr = s.out, s.out
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.Stop()
		if t.Failed() {
			t.Logf("the gateway wrote:\n%s", lastLines(s.out.String(), 80))
		}
	})
	s.ready()
	return s
}

// StateDir is the folder that the gateway keeps its keys in.
func (s *Server) StateDir() string { return filepath.Join(s.dir, "state") }

// Pid of the process.
func (s *Server) Pid() int { return s.cmd.Process.Pid }

// SIP is the address for SIP over UDP.
func (s *Server) SIP() netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), uint16(s.Ports.SIP))
}

// URI of a room for a caller over the transport "udp", "tcp" or "tls".
func (s *Server) URI(user, transport string) string {
	if transport == "tls" {
		return fmt.Sprintf("sip:%s@127.0.0.1:%d;transport=tls", user, s.Ports.SIPS)
	}
	return fmt.Sprintf("sip:%s@127.0.0.1:%d;transport=%s", user, s.Ports.SIP, transport)
}

// Link to a room, with its key.
func (s *Server) Link(room, key, query string) string {
	return fmt.Sprintf("https://127.0.0.1:%d/r/%s%s#%s", s.Ports.Web, room, query, key)
}

// Output is everything the process printed so far.
func (s *Server) Output() string { return s.out.String() }

// Get reads a page of the operator's listener.
func (s *Server) Get(path string) (int, string) {
	s.t.Helper()
	resp, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d%s", s.Ports.Operate, path))
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	var b bytes.Buffer
	if _, err := b.ReadFrom(resp.Body); err != nil {
		s.t.Fatal(err)
	}
	return resp.StatusCode, b.String()
}

// Terminate asks the process to drain and end, without waiting.
func (s *Server) Terminate() { _ = s.cmd.Process.Signal(syscall.SIGTERM) }

// Stop ends the process; it is killed when it does not end by itself.
func (s *Server) Stop() {
	if s.cmd.ProcessState != nil {
		return
	}
	s.Terminate()
	kill := time.AfterFunc(20*time.Second, func() { _ = s.cmd.Process.Kill() })
	_ = s.cmd.Wait()
	kill.Stop()
}

func (s *Server) ready() {
	s.t.Helper()
	deadline := time.Now().Add(15 * time.Second)
	for {
		if code, _ := s.Get("/readyz"); code == http.StatusOK {
			return
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("the gateway was not ready within 15 s:\n%s", s.out.String())
		}
		<-time.After(10 * time.Millisecond)
	}
}

func lastLines(s string, n int) string {
	all := strings.Split(s, "\n")
	return strings.Join(all[max(0, len(all)-n):], "\n")
}
