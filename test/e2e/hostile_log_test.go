//go:build e2e

package e2e

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"legroom/e2ee"
	"legroom/test/e2e/chromium"
	"legroom/test/e2e/server"
)

// In the log of the meeting the server writes that a browser vouched for another mark than it did. It has the key that
// every line is signed with, and signs all of them anew; it has not that browser's. Both verifiers say so, and nothing of
// the log as it was.
func (s *scene) forgedCheckpoint(t *testing.T) {
	status, log := s.gateway.Get("/api/v1/meetings/" + s.room() + "/log")
	if status != 200 {
		t.Fatalf("log: %d %s", status, log)
	}
	page := filepath.Join(t.TempDir(), "verify.html")
	text, err := os.ReadFile(filepath.Join(server.Root(t), "web", "dist", "verify.html"))
	if err == nil {
		err = os.WriteFile(page, text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	verifier := s.browsers["Anna"].Open(t, "file://"+page, chromium.Desktop)
	for _, c := range []struct {
		name, log, result, state string
		status                   int
	}{
		{"true.jsonl", log, "Result: everything holds.", "holds", 0},
		{"forged.jsonl", resigned(t, s.operator(t), log, false), "Result: everything holds.", "holds", 0},
		{"forged.jsonl", resigned(t, s.operator(t), log, true), "Do not rely on this log.", "contradicted", 1},
	} {
		file := filepath.Join(t.TempDir(), c.name)
		if err := os.WriteFile(file, []byte(c.log), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command(server.Binary(t), "verify", file).CombinedOutput()
		var exit *exec.ExitError
		if code := 0; err != nil && (!errors.As(err, &exit) || exit.ExitCode() != c.status) || err == nil && c.status != code {
			t.Errorf("%s: verify ends with %v, not with %d", c.name, err, c.status)
		}
		if !strings.Contains(string(out), c.result) {
			t.Errorf("%s: verify does not say %q:\n%s", c.name, c.result, out)
		}
		verifier.Reload()
		verifier.Upload("input", file)
		verifier.Until(`(state) => document.body.dataset.state === state`, c.state)
	}
	verifier.Close()
}

// resigned is a log with every line signed again, as its server can; forged tells to change the mark in the first
// checkpoint on the way.
func resigned(t *testing.T, server *e2ee.Identity, log string, forged bool) string {
	t.Helper()
	var out bytes.Buffer
	var before []byte
	for _, line := range strings.Split(strings.TrimRight(log, "\n"), "\n") {
		var read struct {
			Prev       string `json:"prev"`
			Checkpoint *struct {
				Signed []byte `json:"signed"`
			} `json:"checkpoint"`
		}
		if err := json.Unmarshal([]byte(line), &read); err != nil {
			t.Fatal(err)
		}
		if forged && read.Checkpoint != nil {
			line = strings.Replace(line, base64.StdEncoding.EncodeToString(read.Checkpoint.Signed), base64.StdEncoding.EncodeToString(relied(t, read.Checkpoint.Signed)), 1)
			forged = false
		}
		if before != nil {
			sum := sha256.Sum256(before)
			line = strings.Replace(line, `"prev":"`+read.Prev, `"prev":"`+base64.StdEncoding.EncodeToString(sum[:]), 1)
		}
		signed := line[:strings.LastIndex(line, `,"sig":"`)]
		sig := server.SignLog([]byte(signed))
		before = []byte(signed + `,"sig":"` + base64.StdEncoding.EncodeToString(sig[:]) + `"}`)
		out.Write(before)
		out.WriteByte('\n')
	}
	if forged {
		t.Fatal("no checkpoint in the log")
	}
	return out.String()
}

// relied is a checkpoint that vouches for an amber mark where the browser's showed none.
func relied(t *testing.T, signed []byte) []byte {
	t.Helper()
	c, err := e2ee.DecodeCheckpoint(signed)
	if err != nil {
		t.Fatal(err)
	}
	c.State = e2ee.MarkAudioOpen
	b, err := c.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return b
}
