package e2ee_test

import (
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"legroom/e2ee"
	"legroom/e2ee/e2eetest"
)

// TestIdentityStays: made at the first start, the same at the next, for its owner's eyes only, nothing left beside it.
func TestIdentityStays(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "gateway.key")
	first, err := e2ee.OpenIdentity(path)
	if err != nil {
		t.Fatal(err)
	}
	again, err := e2ee.OpenIdentity(path)
	if err != nil || again.Key() != first.Key() {
		t.Fatalf("the next start has another key, %v", err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; want 0600", info.Mode(), err)
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 1 {
		t.Errorf("%d files in the folder, %v; want one", len(files), err)
	}
}

// TestIdentityRefused: what is damaged is not replaced, or every room would have to learn a new key.
func TestIdentityRefused(t *testing.T) {
	for name, text := range map[string]string{
		"empty":     "",
		"cut":       "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEI",
		"other pem": "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n",
		"not a key": "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n",
		"endless":   string(make([]byte, 1<<20)),
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "gateway.key")
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			var bad *e2ee.IdentityError
			if id, err := e2ee.OpenIdentity(path); !errors.As(err, &bad) || !errors.Is(err, e2ee.ErrIdentity) || bad.Path != path || id != nil {
				t.Errorf("got %v", err)
			}
			if got, err := os.ReadFile(path); err != nil || string(got) != text {
				t.Error("the file was changed")
			}
		})
	}
	if _, err := e2ee.OpenIdentity(filepath.Join(t.TempDir(), "missing", "gateway.key")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no folder: %v", err)
	}
}

// TestFingerprints holds both forms against values computed with another program.
func TestFingerprints(t *testing.T) {
	key := e2ee.Key(e2eetest.Count(32, 0))
	if got, want := e2ee.GatewayFingerprint(key).String(), "b336 905f deac b9eb eee3 d98d 84dc 0488"; got != want {
		t.Errorf("gateway %q, want %q", got, want)
	}
	if got, want := e2ee.OwnerFingerprint(key).Link(), "2sKYFlbUUZoKdpJECWMeoQ"; got != want {
		t.Errorf("owner %q, want %q", got, want)
	}
	id := e2ee.NewIdentity(e2eetest.Seeded(0x70))
	if id.Fingerprint() != e2ee.GatewayFingerprint(id.Key()) {
		t.Error("an identity shows another fingerprint than its key has")
	}
}

// TestLinkProof: the printed vector of the design.
func TestLinkProof(t *testing.T) {
	proof := e2ee.LinkProof([16]byte(e2eetest.Count(16, 0x33)), "1000", e2ee.Key(e2eetest.Count(32, 0x44)))
	if got, want := hex.EncodeToString(proof[:]), "59a4a255d09eb2443c7fdb3cc1d8991e"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
