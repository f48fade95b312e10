package bfcp

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net"
	"testing"
	"time"

	"github.com/pion/dtls/v3"
)

// pair is a certificate that nobody signed, as both sides of a call have.
func pair(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// secured plays a short presentation over a link and the client's connection.
func secured(t *testing.T, link Link, client net.Conn, version uint8, in func() ([]byte, error)) {
	t.Helper()
	c := &chair{verdict: Verdict{Status: Granted}}
	_, end := started(t, testConfig(c), link)
	p := &peer{t: t, version: version, send: func(b []byte) {
		if _, err := client.Write(b); err != nil {
			t.Error(err)
		}
	}, read: func() ([]byte, bool) {
		_ = client.SetReadDeadline(time.Now().Add(10 * time.Second))
		b, err := in()
		return b, err == nil
	}}
	if m := p.ask(Hello); m.Primitive != HelloAck || m.Response != (version == Unreliable) {
		t.Errorf("%+v", m.Header)
	}
	r := p.status(p.ask(FloorRequest, slides), Granted)
	p.status(p.ask(FloorRelease, newNumber(FloorRequestID, r.ID)), Released)
	name := "tcp"
	if version == Unreliable {
		name = "udp"
	}
	if err := endWithAck(p, name, end); err != nil || len(c.held()) != 0 {
		t.Errorf("%v, held %v", err, c.held())
	}
}

// TestTLS: a connection that is handed in may be secured, and is served like any other.
func TestTLS(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	a, err := Accept(t.Context(), l, parseHost(t, "127.0.0.1"))
	if err != nil {
		t.Fatal(err)
	}
	client := tls.Client(b, &tls.Config{InsecureSkipVerify: true})
	defer client.Close()
	in := NewStream(client)
	secured(t, NewStream(tls.Server(a, &tls.Config{Certificates: []tls.Certificate{pair(t)}})), client, Reliable, in.Read)
}

// TestDTLS: so may one of datagrams.
func TestDTLS(t *testing.T) {
	here, there := udp(t), udp(t)
	type result struct {
		conn *dtls.Conn
		err  error
	}
	shaken := make(chan result, 1)
	go func() {
		conn, err := dtls.ServerWithOptions(here, there.LocalAddr(), dtls.WithCertificates(pair(t)))
		if err == nil {
			err = conn.HandshakeContext(t.Context())
		}
		shaken <- result{conn, err}
	}()
	client, err := dtls.ClientWithOptions(there, here.LocalAddr(), dtls.WithInsecureSkipVerify(true))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if err := client.HandshakeContext(t.Context()); err != nil {
		t.Fatal(err)
	}
	server := <-shaken
	if server.err != nil {
		t.Fatal(server.err)
	}
	var buf [1500]byte
	secured(t, NewPackets(server.conn), client, Unreliable, func() ([]byte, error) {
		n, err := client.Read(buf[:])
		return buf[:n], err
	})
}
