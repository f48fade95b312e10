package api

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"legroom/gateway/meeting"
)

// Bounds of one connection.
const (
	// queueLength is how many messages wait for a slow client before it is closed, and queueBytes how long they may be
	// together: a host of a full lobby is told of everybody at once. It may come back and resume.
	queueLength  = 1024
	queueBytes   = 16 << 20
	helloTimeout = 10 * time.Second
	writeTimeout = 10 * time.Second
	pingPeriod   = 15 * time.Second
)

// errSlow is why a connection was closed whose client did not read.
var errSlow = errors.New("api: client does not read")

// outgoing is a message, or the end of the connection behind a bye.
type outgoing struct {
	data  []byte
	close CloseCode
}

// socket is one WebSocket connection. One goroutine reads, one writes; send never waits.
type socket struct {
	conn   *websocket.Conn
	queue  chan outgoing
	queued atomic.Int64 // bytes
	cancel context.CancelCauseFunc
	// member is what the connection is to the group of an encrypted room; set before anything behind the hello is read.
	member *meeting.Member
}

func newSocket(conn *websocket.Conn, cancel context.CancelCauseFunc) *socket {
	conn.SetReadLimit(MaxMessageBytes)
	return &socket{conn: conn, queue: make(chan outgoing, queueLength), cancel: cancel}
}

// send queues a message. A client that is too slow for it is closed.
func (s *socket) send(m ServerMessage) {
	data, err := Encode(m)
	if err != nil {
		s.cancel(err)
		return
	}
	s.put(outgoing{data: data})
}

// bye queues the last message and closes behind it.
func (s *socket) bye(cause error) {
	code := ByeOf(cause)
	data, err := Encode(&Bye{Code: code, Message: code.Words()})
	if err != nil {
		s.cancel(err)
		return
	}
	s.put(outgoing{data: data, close: code.CloseCode()})
}

func (s *socket) put(o outgoing) {
	if s.queued.Add(int64(len(o.data))) > queueBytes {
		s.cancel(errSlow)
		return
	}
	select {
	case s.queue <- o:
	default:
		s.cancel(errSlow)
	}
}

// write sends what is queued until ctx or the connection ends, and looks now and then whether the client is there.
func (s *socket) write(ctx context.Context) error {
	ping := time.NewTicker(pingPeriod)
	defer ping.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ping.C:
			if err := s.within(ctx, func(ctx context.Context) error { return s.conn.Ping(ctx) }); err != nil {
				return fmt.Errorf("api: ping: %w", err)
			}
		case o := <-s.queue:
			s.queued.Add(-int64(len(o.data)))
			err := s.within(ctx, func(ctx context.Context) error { return s.conn.Write(ctx, websocket.MessageText, o.data) })
			if err != nil {
				return fmt.Errorf("api: write: %w", err)
			}
			if o.close != 0 {
				_ = s.conn.Close(websocket.StatusCode(o.close), "") // the client may have gone first
				return errClosedByUs
			}
		}
	}
}

// errClosedByUs ends the writer after a bye.
var errClosedByUs = errors.New("api: closed after bye")

func (s *socket) within(ctx context.Context, f func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, writeTimeout)
	defer cancel()
	return f(ctx)
}

// read waits for one message. Errors: *MessageError for one that cannot be obeyed, anything else ends the connection.
func (s *socket) read(ctx context.Context) (ClientMessage, error) {
	kind, data, err := s.conn.Read(ctx)
	if err != nil {
		return nil, fmt.Errorf("api: read: %w", err)
	}
	if kind != websocket.MessageText {
		return nil, &MessageError{Msg: "not text"}
	}
	return Decode(data)
}
