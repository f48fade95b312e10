package bfcp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

// Server is a floor control server for one client.
type Server struct {
	cfg  Config
	link Link
	box  *mailbox

	mu    sync.Mutex
	stats Stats
}

// New makes a Server; its owner calls Run once. The link's owner is the Server. Errors: ErrConfig.
func New(cfg Config, link Link) (*Server, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	return &Server{cfg: cfg, link: link, box: newMailbox()}, nil
}

// Decide says what becomes of a floor request: a Pending or Accepted one is Granted, Denied or moved in the queue, a
// Granted one is Revoked. A request that is over, or cannot go there, stays as it is. It does not wait.
func (s *Server) Decide(id uint16, v Verdict) { s.box.decide(decision{id, v}) }

// Announce says who else has a floor, for a client that watches it; the zero Holder is nobody. It does not wait.
func (s *Server) Announce(floor uint16, h Holder) { s.box.announce(announcement{floor, h}) }

// Stats of the Server so far.
func (s *Server) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stats
}

// Run serves until ctx ends, the client is gone or a reliable link is closed by it. Then all floor requests are released
// at the chair, the link is closed, and nothing of the Server is alive. It returns nil where the end was asked for by
// either side. Errors: ErrPeerGone, those of the link.
func (s *Server) Run(ctx context.Context) error {
	m := newMachine(s.cfg, s.link.Reliable())
	r := reader{link: s.link, mail: make(chan []byte), next: make(chan struct{})}
	stop := make(chan struct{})
	var wg sync.WaitGroup
	// The one goroutine: a link is read by waiting.
	wg.Go(func() { r.run(stop) })
	err := s.serve(ctx, m, &r)
	m.end()
	if ctx.Err() != nil && err == nil {
		err = s.goodbye(m, &r)
	}
	close(stop)
	_ = s.link.Close()
	wg.Wait()
	s.publish(m)
	if errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// serve is the life of the server.
func (s *Server) serve(ctx context.Context, m *machine, r *reader) error {
	timer := newTimer()
	defer timer.Stop()
	for {
		if err := s.flush(m); err != nil {
			return err
		}
		arm(timer, m.deadline())
		select {
		case <-ctx.Done():
			return nil
		case b, ok := <-r.mail:
			if !ok {
				return r.err
			}
			s.message(m, r, b)
		case <-s.box.bell:
			decisions, holders := s.box.empty()
			for _, d := range decisions {
				m.decide(d.id, d.verdict)
			}
			for _, a := range holders {
				m.announce(a.floor, a.holder)
			}
			m.notify(time.Now())
		case <-timer.C:
			if err := m.tick(time.Now()); err != nil {
				return err
			}
		}
	}
}

// message takes what the reader has read, and lets it read on.
func (s *Server) message(m *machine, r *reader, b []byte) {
	whole, err := r.parts.Add(b)
	switch {
	case err != nil:
		m.stats.Dropped++
	case whole != nil:
		if m.receive(whole, s.link.Known(), time.Now()) {
			s.link.Confirm()
		}
	}
	// Before the answer is sent: where the message came from is no longer needed.
	r.next <- struct{}{}
}

// goodbye takes leave over an unreliable link, where nothing else tells the client, and waits a little for its word.
func (s *Server) goodbye(m *machine, r *reader) error {
	if m.reliable || m.heard.IsZero() {
		return nil
	}
	now := time.Now()
	m.begin(Goodbye, now)
	end := time.NewTimer(s.cfg.Linger)
	defer end.Stop()
	timer := newTimer()
	defer timer.Stop()
	for m.open != nil {
		if err := s.flush(m); err != nil {
			return err
		}
		arm(timer, m.deadline())
		select {
		case <-end.C:
			return nil
		case b, ok := <-r.mail:
			if !ok {
				return r.err
			}
			s.farewell(m, r, b)
		case <-timer.C:
			if m.repeat(time.Now()) != nil {
				return nil
			}
		}
	}
	return s.flush(m)
}

// farewell listens for the acknowledgement alone: there is nothing left to ask for.
func (s *Server) farewell(m *machine, r *reader, b []byte) {
	if msg, err := Parse(b); err == nil && s.link.Known() && msg.Conference == m.cfg.Conference {
		if msg.Primitive == Goodbye {
			m.reply(msg.Header, time.Now(), GoodbyeAck)
		}
		m.answered(msg)
	}
	r.next <- struct{}{}
}

// flush sends what the machine said.
func (s *Server) flush(m *machine) error {
	for _, b := range m.out {
		m.stats.Sent++
		err := s.link.Write(b)
		if err != nil && (m.reliable || errors.Is(err, net.ErrClosed)) {
			return fmt.Errorf("bfcp: send: %w", err)
		}
		if err != nil { // a datagram is lost here as it may be elsewhere: T1 sends it again
			m.stats.Unsent++
		}
	}
	clear(m.out)
	m.out = m.out[:0]
	s.publish(m)
	return nil
}

func (s *Server) publish(m *machine) {
	s.mu.Lock()
	s.stats = m.stats
	s.mu.Unlock()
}

// reader reads one message after the other; each is lent to Run until Run lets it go on.
type reader struct {
	link  Link
	parts Assembly // of Run
	mail  chan []byte
	next  chan struct{}
	err   error // set before mail is closed
}

func (r *reader) run(stop <-chan struct{}) {
	defer close(r.mail)
	for {
		b, err := r.link.Read()
		if err != nil {
			r.err = fmt.Errorf("bfcp: receive: %w", err)
			return
		}
		select {
		case r.mail <- b:
		case <-stop:
			return
		}
		select {
		case <-r.next:
		case <-stop:
			return
		}
	}
}

// newTimer is one that does not run.
func newTimer() *time.Timer {
	t := time.NewTimer(time.Hour)
	t.Stop()
	return t
}

// arm sets t to the deadline; the zero one stops it.
func arm(t *time.Timer, deadline time.Time) {
	if deadline.IsZero() {
		t.Stop()
		return
	}
	t.Reset(time.Until(deadline))
}
