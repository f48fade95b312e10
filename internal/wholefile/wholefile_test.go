package wholefile_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"legroom/internal/wholefile"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestWrite(t *testing.T) {
	dir := t.TempDir()
	key, cert := filepath.Join(dir, "key"), filepath.Join(dir, "cert")
	for _, content := range []string{"old", "new"} {
		if err := wholefile.Write(wholefile.File{Path: key, Data: []byte(content)}, wholefile.File{Path: cert, Data: []byte(content), Mode: 0o644}); err != nil {
			t.Fatal(err)
		}
		if read(t, key) != content || read(t, cert) != content {
			t.Fatalf("holds %q and %q", read(t, key), read(t, cert))
		}
	}
	for path, want := range map[string]os.FileMode{key: 0o600, cert: 0o644} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: mode %v, %v", path, info.Mode(), err)
		}
	}
}

// What cannot be written leaves the files it belongs to as they were, and nothing beside them.
func TestWriteFails(t *testing.T) {
	dir := t.TempDir()
	key := filepath.Join(dir, "key")
	if err := wholefile.Write(wholefile.File{Path: key, Data: []byte("old")}); err != nil {
		t.Fatal(err)
	}
	nowhere := filepath.Join(dir, "none", "cert")
	err := wholefile.Write(wholefile.File{Path: key, Data: []byte("new")}, wholefile.File{Path: nowhere})
	var failed *wholefile.Error
	if !errors.As(err, &failed) || failed.Path != nowhere || !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("says %v", err)
	}
	if read(t, key) != "old" {
		t.Errorf("the first file was replaced: %q", read(t, key))
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
}

func TestProbe(t *testing.T) {
	dir := t.TempDir()
	if err := wholefile.Probe(dir); err != nil {
		t.Error(err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
	if err := wholefile.Probe(filepath.Join(dir, "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("says %v", err)
	}
}
