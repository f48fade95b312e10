package api

import (
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strings"
)

// PagesConfig is what the public web server shows.
type PagesConfig struct {
	// Files of the web client, index.html at the root.
	Files fs.FS
	// Hub takes the WebSocket connections.
	Hub http.Handler
	// Client is what /api/v1/config answers.
	Client ClientConfig
	// Ready tells whether calls are taken.
	Ready func() bool
	// TrustedCertificate turns HSTS on: with a certificate of our own making a browser that obeys it could not get past
	// its warning any more.
	TrustedCertificate bool
}

// NewPages is the public handler: the client, its signalling, and health. A room's page is the same for every number, so
// nobody learns from it which rooms there are.
func NewPages(cfg PagesConfig) (http.Handler, error) {
	index, err := fs.ReadFile(cfg.Files, "index.html")
	if err != nil {
		return nil, fmt.Errorf("api: web client: %w", err)
	}
	client, err := json.Marshal(cfg.Client)
	if err != nil {
		return nil, fmt.Errorf("api: client configuration: %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET "+SocketPath, cfg.Hub)
	mux.HandleFunc("GET /api/v1/config", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		_, _ = w.Write(client)
	})
	page := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Cache-Control", "no-cache")
		_, _ = w.Write(index)
	}
	mux.HandleFunc("GET /{$}", page)
	mux.HandleFunc("GET /index.html", page)
	mux.HandleFunc("GET /r/{number}", page)
	mux.HandleFunc("GET /verify", verifier(cfg.Files))
	mux.HandleFunc("GET /"+verifierFile, verifier(cfg.Files))
	mux.Handle("GET /", assets(cfg.Files))
	health(mux, cfg.Ready)
	return secured(mux, cfg.TrustedCertificate), nil
}

// assets serves the files of the client. Those under /assets/ have a hash in their name and never change.
func assets(files fs.FS) http.Handler {
	server := http.FileServerFS(files)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
		info, err := fs.Stat(files, name)
		if err != nil || info.IsDir() {
			http.NotFound(w, r)
			return
		}
		if strings.HasPrefix(name, "assets/") {
			w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		} else {
			w.Header().Set("Cache-Control", "no-cache")
		}
		server.ServeHTTP(w, r)
	})
}

// verifierFile is the page that proves the log of a meeting without any network.
const verifierFile = "verify.html"

// verifier hands that page out to be kept: opened from here it would be only as honest as this server is on that day, and
// the policy of the other pages lets nothing run that stands in a page.
func verifier(files fs.FS) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		page, err := fs.ReadFile(files, verifierFile)
		if err != nil {
			http.Error(w, "This server was built without the verifier. The command legroom verify says the same.", http.StatusNotFound)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Disposition", `attachment; filename="legroom-verify.html"`)
		w.Header().Set("Cache-Control", "no-cache")
		_, _ = w.Write(page)
	}
}

// health answers whether the process lives and whether it takes calls.
func health(mux *http.ServeMux, ready func() bool) {
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "ok\n")
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if !ready() {
			http.Error(w, "draining", http.StatusServiceUnavailable)
			return
		}
		_, _ = io.WriteString(w, "ready\n")
	})
}

// contentSecurityPolicy lets the page load its own files and nothing else, nothing inline, in nobody's frame. No text
// becomes script: the one Trusted Types policy gives the address of the media worker, which holds the keys of encrypted
// rooms (web/src/e2ee/worker/open.ts). The worker's own file comes with this policy too.
const contentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; " +
	"font-src 'self'; media-src 'self' blob: mediastream:; connect-src 'self'; worker-src 'self'; manifest-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types legroom-worker"

// permissions gives the page microphone, camera and screen, and takes from it what it has no use for.
const permissions = "microphone=(self), camera=(self), display-capture=(self), speaker-selection=(self), fullscreen=(self), " +
	"autoplay=(self), screen-wake-lock=(self), geolocation=(), payment=(), usb=(), serial=(), midi=(), " +
	"accelerometer=(), gyroscope=(), magnetometer=()"

// secured puts the security headers on every answer.
func secured(next http.Handler, trusted bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", contentSecurityPolicy)
		h.Set("Permissions-Policy", permissions)
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Embedder-Policy", "require-corp")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		if trusted {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}
