//go:build e2e

package hostile

import (
	"context"
	"encoding/json"
	"sync"

	"github.com/coder/websocket"
)

// Tamper says what becomes of a message: what goes on in its place, and what goes back to who sent it. It is called for
// one message at a time, must not keep it, and must not call its Line.
type Tamper func(m Message) (on, back []Message)

// Pass lets a message go on as it is.
func Pass(m Message) (on, back []Message) { return []Message{m}, nil }

// Line is what the server does to one page: all connections, one after another, of who gives that name.
type Line struct {
	server *Server

	mu            sync.Mutex
	up, down      Tamper
	page, gateway *websocket.Conn
	participant   string
	sfu           *SFU
	// last is the latest record that the page was told of, and forged how many stand before it that the gateway has not.
	last, forged uint64
	refused      int
}

// Tamper with what the page says (up) and is told (down) from now on; nil passes everything.
func (l *Line) Tamper(up, down Tamper) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.up, l.down = up, down
}

// Participant is how the gateway calls the page.
func (l *Line) Participant() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.participant
}

// Refused tells how often the page has reported a forged record.
func (l *Line) Refused() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.refused
}

// Told is the latest record of the true log that the page was told of.
func (l *Line) Told() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.last
}

// Tell the page something.
func (l *Line) Tell(m Message) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tell(m)
}

// Forge tells the page that a commit of our own making has won an epoch.
func (l *Line) Forge(epoch uint64, commit []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.forged++
	record := Delivery("", Message{"seq": l.last, "kind": "committed", "epoch": epoch, "commit": commit}).Body()
	delete(record, "type")
	l.tell(Delivery("applied", Message{"record": map[string]any(record)}))
}

// Break the page's connection. It comes back by itself.
func (l *Line) Break() {
	l.mu.Lock()
	page := l.page
	l.mu.Unlock()
	if page != nil {
		_ = page.CloseNow()
	}
}

func (l *Line) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.up, l.down, l.last, l.forged, l.refused = nil, nil, 0, 0, 0
}

// connect takes a new connection; what it says first is the first thing that is passed on.
func (l *Line) connect(page, gateway *websocket.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.page, l.gateway = page, gateway
}

// upward passes on what the page says.
func (l *Line) upward(m Message) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.server.sent(m)
	switch m.Kind() {
	case "offer", "candidate":
		if l.sfu != nil {
			l.sfu.take(m)
			return
		}
	case "meeting refuse":
		if l.forged > 0 {
			l.refused++
			l.tell(Done(m))
			return
		}
	case "meeting missed":
		m.Body()["seq"] = m.Body().Number("seq") - l.forged
	}
	on, back := tampered(l.up, m)
	for _, out := range on {
		send(l.gateway, out)
	}
	for _, out := range back {
		l.tell(out)
	}
}

// downward passes on what the gateway says.
func (l *Line) downward(m Message) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.server.told(m)
	if m.Kind() == "welcome" {
		l.participant = m.Text("participant")
		if l.sfu != nil {
			m["slots"] = map[string]any{"audio": 1, "video": 1}
		}
	}
	on, back := tampered(l.down, m)
	for _, out := range on {
		l.tell(out)
	}
	for _, out := range back {
		send(l.gateway, out)
	}
}

// tell writes to the page, with the numbers that its own log has.
func (l *Line) tell(m Message) {
	switch m.Kind() {
	case "meeting applied", "meeting welcomed", "meeting records":
		m = m.Clone()
		for _, r := range append(m.Body().List("records"), m.Body(), m.Body().At("record")) {
			if _, numbered := r["seq"]; numbered {
				l.last = max(l.last, r.Number("seq"))
				r["seq"] = r.Number("seq") + l.forged
			}
		}
	}
	send(l.page, m)
}

func tampered(by Tamper, m Message) (on, back []Message) {
	if by == nil {
		return Pass(m)
	}
	return by(m)
}

// send drops what no connection is there for.
func send(to *websocket.Conn, m Message) {
	b, err := json.Marshal(m)
	if err != nil {
		panic(err) // it was JSON, or is ours
	}
	if to != nil {
		_ = to.Write(context.Background(), websocket.MessageText, b)
	}
}
