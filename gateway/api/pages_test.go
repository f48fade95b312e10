package api

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

func get(h http.Handler, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w
}

func pages(t *testing.T, files fstest.MapFS) http.Handler {
	t.Helper()
	files["index.html"] = &fstest.MapFile{Data: []byte("<html>")}
	h, err := NewPages(PagesConfig{Files: files, Hub: http.NotFoundHandler(), Ready: func() bool { return true }})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// TestVerifierIsADownload: under both its names it is handed out to be kept, and is never a page of this server.
func TestVerifierIsADownload(t *testing.T) {
	h := pages(t, fstest.MapFS{"verify.html": &fstest.MapFile{Data: []byte("<html>proof")}})
	for _, path := range []string{"/verify", "/verify.html"} {
		w := get(h, path)
		if w.Code != http.StatusOK || w.Body.String() != "<html>proof" ||
			w.Header().Get("Content-Disposition") != `attachment; filename="legroom-verify.html"` {
			t.Errorf("%s: %d %v %q", path, w.Code, w.Header(), w.Body)
		}
	}
	if w := get(pages(t, fstest.MapFS{}), "/verify"); w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), "legroom verify") {
		t.Errorf("not built: %d %q", w.Code, w.Body)
	}
}

// TestPolicyOfPages: no text becomes script, the one exception has the name that web/src/e2ee/worker/open.ts gives it, and
// the page shares its process with no other.
func TestPolicyOfPages(t *testing.T) {
	w := get(pages(t, fstest.MapFS{}), "/r/1000")
	policy := "; " + w.Header().Get("Content-Security-Policy") + ";"
	for _, part := range []string{
		"default-src 'none'", "script-src 'self'", "worker-src 'self'", "require-trusted-types-for 'script'", "trusted-types legroom-worker",
	} {
		if !strings.Contains(policy, "; "+part+";") {
			t.Errorf("%q is not in %q", part, policy)
		}
	}
	if w.Header().Get("Cross-Origin-Opener-Policy") != "same-origin" || w.Header().Get("Cross-Origin-Embedder-Policy") != "require-corp" {
		t.Errorf("not on its own: %v", w.Header())
	}
}
