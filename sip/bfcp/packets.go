package bfcp

import "net"

// Packets is a Link over a connection that keeps the bounds of messages and has one peer: DTLS.
type Packets struct {
	conn net.Conn
	buf  [HeaderLen + 4 + MaxPayload]byte
}

// NewPackets takes a connection; its owner is the Packets.
func NewPackets(conn net.Conn) *Packets { return &Packets{conn: conn} }

// Read gives the next datagram.
func (p *Packets) Read() ([]byte, error) {
	n, err := p.conn.Read(p.buf[:])
	return p.buf[:n], err
}

// Write sends one.
func (p *Packets) Write(b []byte) error {
	_, err := p.conn.Write(b)
	return err
}

// Confirm does nothing: the client is at the other end.
func (p *Packets) Confirm() {}

// Known is true.
func (p *Packets) Known() bool { return true }

// Reliable is false.
func (p *Packets) Reliable() bool { return false }

// Close closes the connection.
func (p *Packets) Close() error { return p.conn.Close() }
