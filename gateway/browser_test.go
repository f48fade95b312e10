package gateway_test

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"

	"github.com/coder/websocket"

	"legroom/gateway/api"
)

// browser is a web client as far as signalling goes.
type browser struct {
	t    *testing.T
	conn *websocket.Conn
	http *http.Transport

	mu      sync.Mutex
	got     []message
	roster  map[string]api.Participant
	room    api.RoomInfo
	welcome api.Welcome
	status  websocket.StatusCode
	done    chan struct{}
}

// message is any message of the gateway.
type message struct {
	Type         string
	Re           *int64
	Code         string
	ID           int64
	SDP          string
	Room         *api.RoomInfo
	Participants []api.Participant
	Upsert       []api.Participant
	Gone         []string
	Position     int
	raw          []byte
}

func (r *rig) browser(room, key string, fields ...string) *browser {
	r.t.Helper()
	b := r.connect()
	hello := map[string]any{"type": "hello", "protocol": 1, "room": room, "key": key, "name": "Ada", "language": "en", "muted": false}
	for i := 0; i+1 < len(fields); i += 2 {
		hello[fields[i]] = fields[i+1]
	}
	b.send(hello)
	return b
}

// connect opens the WebSocket and reads it until it closes.
func (r *rig) connect() *browser {
	r.t.Helper()
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn, _, err := websocket.Dial(ctx, fmt.Sprintf("wss://%s%s", r.WebAddr(), api.SocketPath), &websocket.DialOptions{
		HTTPClient: &http.Client{Transport: transport}, Subprotocols: []string{api.Subprotocol},
	})
	if err != nil {
		r.t.Fatalf("connect: %v", err)
	}
	conn.SetReadLimit(1 << 20)
	b := &browser{t: r.t, conn: conn, http: transport, roster: map[string]api.Participant{}, done: make(chan struct{})}
	go b.read()
	r.t.Cleanup(b.close)
	return b
}

func (b *browser) read() {
	defer close(b.done)
	for {
		_, data, err := b.conn.Read(context.Background())
		if err != nil {
			b.mu.Lock()
			b.status = websocket.CloseStatus(err)
			b.mu.Unlock()
			return
		}
		var m message
		if err := json.Unmarshal(data, &m); err != nil && m.Type != "welcome" {
			continue
		}
		m.raw = data
		b.take(m)
	}
}

func (b *browser) take(m message) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.got = append(b.got, m)
	switch m.Type {
	case "welcome":
		_ = json.Unmarshal(m.raw, &b.welcome)
	case "roster":
		clear(b.roster)
	}
	if m.Room != nil {
		b.room = *m.Room
	}
	for _, p := range slices.Concat(m.Participants, m.Upsert) {
		b.roster[p.ID] = p
	}
	for _, id := range m.Gone {
		delete(b.roster, id)
	}
}

func (b *browser) send(m any) {
	b.t.Helper()
	data, err := json.Marshal(m)
	if err != nil {
		b.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := b.conn.Write(ctx, websocket.MessageText, data); err != nil {
		b.t.Fatalf("send: %v", err)
	}
}

func (b *browser) close() {
	_ = b.conn.CloseNow()
	<-b.done
	b.http.CloseIdleConnections()
}

// until waits for something of the roster.
func (b *browser) until(what string, ok func() bool) {
	b.t.Helper()
	eventually(b.t, what, ok)
}

// await waits for a message of a type that ok takes.
func (b *browser) await(kind string, ok func(message) bool) message {
	b.t.Helper()
	var found message
	eventually(b.t, "message "+kind, func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		i := slices.IndexFunc(b.got, func(m message) bool { return m.Type == kind && (ok == nil || ok(m)) })
		if i >= 0 {
			found = b.got[i]
		}
		return i >= 0
	})
	return found
}

func (b *browser) named(name string) (api.Participant, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, p := range b.roster {
		if p.Name == name {
			return p, true
		}
	}
	return api.Participant{}, false
}

func (b *browser) people() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.roster)
}

func (b *browser) roomInfo() api.RoomInfo {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.room
}

func (b *browser) greeting() api.Welcome {
	b.await("welcome", nil)
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.welcome
}

// closed waits for the end and gives its close code.
func (b *browser) closed() websocket.StatusCode {
	b.t.Helper()
	eventually(b.t, "connection closes", func() bool {
		select {
		case <-b.done:
			return true
		default:
			return false
		}
	})
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.status
}
