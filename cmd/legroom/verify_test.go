package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"legroom/e2ee/ledger"
)

func TestVerify(t *testing.T) {
	logs := filepath.Join("..", "..", "e2ee", "ledger", "testdata")
	for name, want := range map[string]int{
		"valid": 0, "running": 0, "cut": 1, "torn": 1, "edited": 1, "added": 1, "gap": 1, "forked": 1, "contradicted": 1, "rule": 1, "unfounded": 1,
	} {
		var out strings.Builder
		c := &verifyCommand{File: filepath.Join(logs, name+".jsonl")}
		err := c.verify(nil, &out)
		got := 0
		if err != nil {
			got = status(err)
		}
		report, readErr := os.ReadFile(filepath.Join(logs, name+".txt"))
		if readErr != nil || out.String() != string(report) {
			t.Errorf("%s: another report, %v", name, readErr)
		}
		if got != want {
			t.Errorf("%s: status %d, %v", name, got, err)
		}
	}
}

func TestVerifyWhatIsNoLog(t *testing.T) {
	c := &verifyCommand{File: "-"}
	if err := c.verify(strings.NewReader("no log\n"), nil); !errors.Is(err, ledger.ErrNotLog) || status(err) != 2 {
		t.Errorf("no log: %v", err)
	}
	c.File = filepath.Join(t.TempDir(), "gone")
	if err := c.verify(nil, nil); !errors.Is(err, fs.ErrNotExist) || status(err) != 2 {
		t.Errorf("no file: %v", err)
	}
	if got := status(errors.New("anything else")); got != 1 {
		t.Errorf("status %d", got)
	}
}
