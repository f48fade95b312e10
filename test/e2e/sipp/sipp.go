//go:build e2e

// Package sipp runs scenarios of SIPp against the gateway: message flows and RTP that no ordinary phone makes.
package sipp

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"legroom/audio/g711"
)

//go:embed uac.xml
var uac []byte

// Call runs one call of the full scenario (session timer, 1 kHz PCMU, digits 7 and #, hold whose answer must not send,
// resume, BYE) to user at addr, and fails the test with SIPp's own report when one step is not answered as it must be.
func Call(t *testing.T, addr, user string, tone []int16) {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "uac.xml"), uac)
	write(t, filepath.Join(dir, "tone1k.ul"), g711.EncodeMu(nil, tone))
	ctx, cancel := context.WithTimeout(t.Context(), 40*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, "sipp", addr, "-s", user, "-i", "127.0.0.1", "-mi", "127.0.0.1", "-p", fmt.Sprint(port(t)),
		"-sf", "uac.xml", "-m", "1", "-timeout", "30s", "-nostdin", "-trace_err", "-error_file", "errors.log")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "TERM=dumb")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		report, _ := os.ReadFile(filepath.Join(dir, "errors.log"))
		t.Fatalf("sipp: %v\n%s\n%s", err, report, tail(out.Bytes(), 2000))
	}
}

func write(t *testing.T, name string, b []byte) {
	t.Helper()
	if err := os.WriteFile(name, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func port(t *testing.T) int {
	t.Helper()
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	return c.LocalAddr().(*net.UDPAddr).Port
}

func tail(b []byte, n int) []byte { return b[max(0, len(b)-n):] }
