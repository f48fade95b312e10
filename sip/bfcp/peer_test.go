package bfcp

import (
	"context"
	"io"
	"net"
	"slices"
	"sync"
	"testing"
	"time"
)

// chair grants, denies or lets wait, and knows what is open.
type chair struct {
	mu      sync.Mutex
	verdict Verdict
	asked   []Request
	open    []uint16
}

func (c *chair) Request(r Request) Verdict {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked = append(c.asked, r)
	if c.verdict.Status <= Granted && c.verdict.Status != 0 {
		c.open = append(c.open, r.ID)
	}
	return c.verdict
}

func (c *chair) Release(id uint16) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open = slices.DeleteFunc(c.open, func(o uint16) bool { return o == id })
}

func (c *chair) requests() []Request {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.asked)
}

func (c *chair) held() []uint16 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.open)
}

// wire is a Link in memory, for bubbles of synctest: a message is there at once, or lost.
type wire struct {
	reliable bool
	in, out  chan []byte
	lose     func([]byte) bool
	fail     func() error
	done     chan struct{}
	once     sync.Once
}

func newWire(reliable bool) *wire {
	return &wire{reliable: reliable, in: make(chan []byte, 64), out: make(chan []byte, 256), done: make(chan struct{})}
}

func (w *wire) Read() ([]byte, error) {
	select {
	case b := <-w.in:
		return b, nil
	case <-w.done:
		return nil, io.EOF
	}
}

func (w *wire) Write(b []byte) error {
	if w.fail != nil {
		if err := w.fail(); err != nil {
			return err
		}
	}
	if w.lose == nil || !w.lose(b) {
		w.out <- slices.Clone(b)
	}
	return nil
}

func (w *wire) Confirm()       {}
func (w *wire) Known() bool    { return true }
func (w *wire) Reliable() bool { return w.reliable }
func (w *wire) Close() error   { w.once.Do(func() { close(w.done) }); return nil }

// peer is a scripted client.
type peer struct {
	t       *testing.T
	version uint8
	next    uint16
	send    func([]byte)
	read    func() ([]byte, bool)
}

func (p *peer) message(prim Primitive, transaction uint16, attributes ...Attribute) []byte {
	p.t.Helper()
	m := Message{Header{Version: p.version, Primitive: prim, Conference: 321, Transaction: transaction, User: 234}, attributes}
	b, err := m.Append(nil)
	if err != nil {
		p.t.Fatal(err)
	}
	return b
}

// ask sends a request and gives what answers it.
func (p *peer) ask(prim Primitive, attributes ...Attribute) *Message {
	p.t.Helper()
	p.next++
	p.send(p.message(prim, p.next, attributes...))
	m := p.hear()
	if m.Transaction != p.next {
		p.t.Fatalf("%v with transaction %d answers %d", m.Primitive, m.Transaction, p.next)
	}
	return m
}

// hear gives the next message.
func (p *peer) hear() *Message {
	p.t.Helper()
	b, ok := p.read()
	if !ok {
		p.t.Fatal("nothing comes")
	}
	m, err := Parse(slices.Clone(b))
	if err != nil {
		p.t.Fatalf("%x: %v", b, err)
	}
	if m.Conference != 321 || m.User != 234 {
		p.t.Fatalf("for conference %d and user %d", m.Conference, m.User)
	}
	return m
}

// ack answers a request of the server's.
func (p *peer) ack(m *Message) {
	p.t.Helper()
	b := p.message(m.Primitive.ack(), m.Transaction)
	if p.version == Unreliable {
		b[0] |= 0x10
	}
	p.send(b)
}

func (p *peer) status(m *Message, want Status) Request {
	p.t.Helper()
	r := m.Requests()
	if m.Primitive != FloorRequestStatus || len(r) != 1 || r[0].Status != want {
		p.t.Fatalf("%v with %+v, want %v", m.Primitive, r, want)
	}
	return r[0]
}

func (p *peer) refused(m *Message, want ErrorCode) {
	p.t.Helper()
	if m.Primitive != ErrorMessage || m.Code() != want {
		p.t.Fatalf("%v with %v, want %v", m.Primitive, m.Code(), want)
	}
}

func testConfig(c *chair) Config {
	cfg := DefaultConfig()
	cfg.Conference, cfg.User, cfg.Floors, cfg.Chair = 321, 234, []uint16{543, 544}, c
	return cfg
}

// overWire runs a server on a wire, in a bubble; the peer hears what comes within an hour of its time.
func overWire(t *testing.T, w *wire, cfg Config) (*Server, *peer, func() error) {
	t.Helper()
	s, err := New(cfg, w)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	version := Unreliable
	if w.reliable {
		version = Reliable
	}
	p := &peer{t: t, version: version, send: func(b []byte) { w.in <- b }, read: func() ([]byte, bool) {
		select {
		case b := <-w.out:
			return b, true
		case <-time.After(time.Hour):
			return nil, false
		}
	}}
	return s, p, func() error {
		cancel()
		return <-ended
	}
}

// overTCP and overUDP run a server on loopback.
func overTCP(t *testing.T, cfg Config) (*Server, *peer, func() error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	client, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	conn, err := Accept(t.Context(), l, parseHost(t, "127.0.0.1"))
	if err != nil {
		t.Fatal(err)
	}
	s, end := started(t, cfg, NewStream(conn))
	p := &peer{t: t, version: Reliable}
	in := NewStream(client)
	p.send = func(b []byte) {
		// In two pieces: TCP knows no messages.
		for _, part := range [][]byte{b[:5], b[5:]} {
			if _, err := client.Write(part); err != nil {
				t.Error(err)
			}
		}
	}
	p.read = func() ([]byte, bool) {
		_ = client.SetReadDeadline(time.Now().Add(10 * time.Second))
		b, err := in.Read()
		return b, err == nil
	}
	t.Cleanup(func() { client.Close() })
	return s, p, end
}

func started(t *testing.T, cfg Config, l Link) (*Server, func() error) {
	t.Helper()
	s, err := New(cfg, l)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	var once sync.Once
	var result error
	end := func() error {
		once.Do(func() {
			cancel()
			result = <-ended
		})
		return result
	}
	t.Cleanup(func() { _ = end() })
	return s, end
}

func overUDP(t *testing.T, cfg Config) (*Server, *peer, func() error) {
	t.Helper()
	server, client := udp(t), udp(t)
	s, end := started(t, cfg, NewDatagrams(server, addrOf(client)))
	to := addrOf(server)
	p := &peer{t: t, version: Unreliable}
	p.send = func(b []byte) {
		if _, err := client.WriteToUDPAddrPort(b, to); err != nil {
			t.Error(err)
		}
	}
	var buf [4096]byte
	p.read = func() ([]byte, bool) {
		_ = client.SetReadDeadline(time.Now().Add(10 * time.Second))
		n, err := client.Read(buf[:])
		return buf[:n], err == nil
	}
	return s, p, end
}
