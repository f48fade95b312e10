//go:build e2e

// Package hostile is a server that does not keep to the rules: it stands in front of a real gateway, as its operator could,
// and changes what pages say and are told. It holds no key of anybody in the room. What it forges it makes itself.
package hostile

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"testing"

	"github.com/coder/websocket"

	"legroom/e2ee/replay"
	"legroom/gateway/api"
	"legroom/test/e2e/server"
)

// Server is what pages take for the gateway.
type Server struct {
	t       *testing.T
	http    *httptest.Server
	client  *http.Client
	gateway *url.URL

	mu    sync.Mutex
	lines map[string]*Line
	// state of the group, as the true log makes it.
	state *replay.State
	last  Commit
}

// Commit that won an epoch.
type Commit struct {
	// Seq of its record, and what it was.
	Seq   uint64
	Bytes []byte
}

// Start puts one in front of a gateway, until the test ends.
func Start(t *testing.T, gateway *server.Server) *Server {
	t.Helper()
	s := &Server{
		t: t, lines: make(map[string]*Line),
		gateway: &url.URL{Scheme: "https", Host: fmt.Sprintf("127.0.0.1:%d", gateway.Ports.Web)},
		// The gateway's certificate is of its own making.
		client: &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}},
	}
	pages := httputil.NewSingleHostReverseProxy(s.gateway)
	pages.Transport = s.client.Transport
	pages.ErrorLog = log.New(io.Discard, "", 0) // pages that go in the middle of an answer
	mux := http.NewServeMux()
	mux.Handle("/", pages)
	mux.HandleFunc(api.SocketPath, s.socket)
	s.http = httptest.NewUnstartedServer(mux)
	s.http.Config.ErrorLog = pages.ErrorLog
	s.http.StartTLS()
	t.Cleanup(func() {
		s.http.CloseClientConnections()
		s.http.Close()
		for _, l := range s.all() {
			l.Release()
		}
	})
	return s
}

// Link to a room by way of this server.
func (s *Server) Link(room, key, query string) string {
	return fmt.Sprintf("%s/r/%s%s#%s", s.http.URL, room, query, key)
}

// Line of the page whose user has that name, also before it comes.
func (s *Server) Line(name string) *Line {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.lines[name]
	if l == nil {
		l = &Line{server: s}
		s.lines[name] = l
	}
	return l
}

// Forget what was done to pages: those that come are treated honestly.
func (s *Server) Forget() {
	for _, l := range s.all() {
		l.Release()
		l.forget()
	}
}

// State of the group, as its members' own commits make it.
func (s *Server) State() *replay.State {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state == nil {
		s.t.Fatal("hostile: nobody has founded a group")
	}
	return s.state
}

// LastCommit that a member made and that is in force.
func (s *Server) LastCommit() Commit {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last
}

func (s *Server) all() []*Line {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []*Line
	for _, l := range s.lines {
		all = append(all, l)
	}
	return all
}

// socket is one connection of a page.
func (s *Server) socket(w http.ResponseWriter, r *http.Request) {
	subprotocols := []string{api.Subprotocol}
	page, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: subprotocols})
	if err != nil {
		return
	}
	defer page.CloseNow()
	address := "wss://" + s.gateway.Host + api.SocketPath
	gateway, _, err := websocket.Dial(r.Context(), address, &websocket.DialOptions{ //nolint:bodyclose // it has none to close
		HTTPClient: s.client, Subprotocols: subprotocols,
	})
	if err != nil {
		return
	}
	defer gateway.CloseNow()
	page.SetReadLimit(-1)
	gateway.SetReadLimit(-1)
	hello, err := read(r.Context(), page)
	if err != nil {
		return
	}
	line := s.Line(hello.Text("name"))
	line.connect(page, gateway)
	line.upward(hello)
	var down sync.WaitGroup
	down.Go(func() { s.pump(r.Context(), gateway, page, line.downward) })
	s.pump(r.Context(), page, gateway, line.upward)
	down.Wait()
}

// pump passes on messages until a side goes; the other is told with the same code.
func (s *Server) pump(ctx context.Context, from, to *websocket.Conn, take func(Message)) {
	for {
		m, err := read(ctx, from)
		var closed websocket.CloseError
		switch {
		case err == nil:
			take(m)
			continue
		case errors.As(err, &closed) && closed.Code >= 3000:
			_ = to.Close(closed.Code, closed.Reason)
		default:
			_ = to.CloseNow()
		}
		return
	}
}

func read(ctx context.Context, from *websocket.Conn) (Message, error) {
	_, text, err := from.Read(ctx)
	if err != nil {
		return nil, err
	}
	var m Message
	return m, json.Unmarshal(text, &m)
}

// sent learns from what members say.
func (s *Server) sent(m Message) {
	if m.Kind() != "meeting found" {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	state, err := replay.Found(m.Body().Bytes("keyPackage"), m.Body().Bytes("groupInfo"))
	if err != nil {
		s.t.Errorf("hostile: a group that does not hold: %v", err)
		return
	}
	s.state, s.last = state, Commit{Seq: 1}
}

// told learns from what the gateway says.
func (s *Server) told(m Message) {
	r := m.Body().At("record")
	if m.Kind() != "meeting applied" || r.Text("kind") != "committed" {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state == nil || r.Number("seq") <= s.last.Seq || r.Number("epoch") != s.state.Epoch {
		return
	}
	state, _, err := s.state.Apply(r.Bytes("commit"))
	if err != nil {
		s.t.Errorf("hostile: a commit of a member that does not hold: %v", err)
		return
	}
	s.state, s.last = state, Commit{Seq: r.Number("seq"), Bytes: r.Bytes("commit")}
}
