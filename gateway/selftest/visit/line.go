package visit

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/coder/websocket"

	"legroom/gateway/api"
)

// maxMessage bounds what the gateway may say at once, bytes: a Welcome of a full room in base64 is the longest.
const maxMessage = 4 << 20

// line is the WebSocket to a gateway. One goroutine reads it, until close.
type line struct {
	conn *websocket.Conn
	http *http.Transport
	// in is what the gateway says; it is closed at the end of the connection.
	in   chan []byte
	stop context.CancelFunc
}

// dial connects. Errors: ErrNoServer.
func dial(ctx context.Context, cfg *Config) (*line, error) {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	scheme := "ws"
	if cfg.Invitation.Secure {
		scheme = "wss"
	}
	transport := &http.Transport{
		Proxy: http.ProxyFromEnvironment,
		// The user asked for it; what this test proves is below TLS.
		TLSClientConfig: &tls.Config{InsecureSkipVerify: cfg.AnyCertificate, MinVersion: tls.VersionTLS12},
	}
	conn, _, err := websocket.Dial(ctx, scheme+"://"+cfg.Invitation.Server+api.SocketPath, &websocket.DialOptions{ //nolint:bodyclose // the library closes it
		HTTPClient: &http.Client{Transport: transport}, Subprotocols: []string{api.Subprotocol},
	})
	if err != nil {
		transport.CloseIdleConnections()
		return nil, fmt.Errorf("%w at %s: %w", ErrNoServer, cfg.Invitation.Server, err)
	}
	conn.SetReadLimit(maxMessage)
	reading, stop := context.WithCancel(context.WithoutCancel(ctx))
	l := &line{conn: conn, http: transport, in: make(chan []byte), stop: stop}
	go l.read(reading)
	return l, nil
}

func (l *line) read(ctx context.Context) {
	defer close(l.in)
	for {
		_, data, err := l.conn.Read(ctx)
		if err != nil {
			return
		}
		select {
		case l.in <- data:
		case <-ctx.Done():
			return
		}
	}
}

// send a message. Errors: ErrNoServer.
func (l *line) send(ctx context.Context, m any) error {
	data, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNoServer, err)
	}
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	if err := l.conn.Write(ctx, websocket.MessageText, data); err != nil {
		return fmt.Errorf("%w: %w", ErrNoServer, err)
	}
	return nil
}

// close says goodbye and waits until nothing is read any more.
func (l *line) close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = l.send(ctx, &api.Leave{Head: api.Head{Type: "leave"}}) // it may be gone already
	l.stop()
	_ = l.conn.CloseNow()
	for range l.in { // until its reader has ended
	}
	l.http.CloseIdleConnections()
}
