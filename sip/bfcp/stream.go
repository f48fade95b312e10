package bfcp

import (
	"encoding/binary"
	"io"
	"net"
	"time"
)

// writeTimeout for a client that does not read.
const writeTimeout = 2 * time.Second

// Stream is a Link over TCP or TLS. Messages follow each other, each as long as its header says.
// Source: RFC 8855 section 6.1.
type Stream struct {
	conn net.Conn
	buf  [HeaderLen + MaxPayload]byte
}

// NewStream takes a connection; its owner is the Stream.
func NewStream(conn net.Conn) *Stream { return &Stream{conn: conn} }

// Read gives the next message. One that is longer than MaxPayload is passed over and its header given alone, which Parse
// then calls a wrong length. The R and F bits mean nothing here and are cleared.
func (s *Stream) Read() ([]byte, error) {
	head := s.buf[:HeaderLen]
	if _, err := io.ReadFull(s.conn, head); err != nil {
		return nil, err
	}
	head[0] &^= 0x18
	n := 4 * int64(binary.BigEndian.Uint16(head[2:]))
	if n > MaxPayload {
		_, err := io.CopyN(io.Discard, s.conn, n)
		return head, err
	}
	b := s.buf[:HeaderLen+n]
	_, err := io.ReadFull(s.conn, b[HeaderLen:])
	return b, err
}

// Write sends a message. Errors: those of the connection, also when the client does not read.
func (s *Stream) Write(b []byte) error {
	if err := s.conn.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return err
	}
	_, err := s.conn.Write(b)
	return err
}

// Confirm does nothing: the client is at the other end.
func (s *Stream) Confirm() {}

// Known is true.
func (s *Stream) Known() bool { return true }

// Reliable is true.
func (s *Stream) Reliable() bool { return true }

// Close closes the connection.
func (s *Stream) Close() error { return s.conn.Close() }
