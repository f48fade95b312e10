// Package siptest is a scripted telephone for tests: SIP over real loopback sockets, written by hand as text, and a pair
// of UDP ports for its media. It shares nothing with the stack it tests but the session description and RTP packages.
package siptest

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"legroom/media"
	"legroom/sip/rtpsession"
	"legroom/sip/sdp"
)

// Patience is how long a Phone waits for anything before its test fails.
const Patience = 15 * time.Second

// Options of a Phone.
type Options struct {
	// Transport is "udp" (the default), "tcp" or "tls".
	Transport string
	// Server to talk to.
	Server netip.AddrPort
	// User names the phone in From and Contact. Default "phone".
	User string
	// Digest credentials; empty where none are asked.
	DigestUser, Password string
	// Codecs offered, best first. Default PCMU.
	Codecs []media.CodecName
	// Video are the formats of pictures offered, best first; none leaves pictures out.
	Video []media.Codec
	// Feedback offered for pictures.
	Feedback sdp.Feedback
	// VideoBitrate that is wanted at most, bit/s; 0 for no word of it.
	VideoBitrate uint64
	// SRTP keying offered. Default none.
	Security sdp.Security
	// NoDTMF leaves telephone-events out of the offer.
	NoDTMF bool
	// Manual phones answer no request by themselves but BYE: the test takes them from Requests.
	Manual bool
}

// Phone is one telephone.
type Phone struct {
	t    testing.TB
	opts Options
	log  *slog.Logger
	dtls *rtpsession.Certificate
	conn net.Conn
	udp  *net.UDPConn
	// Requests are those that came and were not answered by the Phone itself.
	Requests chan *Message

	mu      sync.Mutex
	closed  bool
	inboxes map[string]chan *Message
	calls   map[string]*Call
	done    chan struct{}
}

// New opens the sockets of a phone; they close with the test.
func New(t testing.TB, o Options) *Phone {
	t.Helper()
	if o.Transport == "" {
		o.Transport = "udp"
	}
	if o.User == "" {
		o.User = "phone"
	}
	if o.Codecs == nil {
		o.Codecs = []media.CodecName{media.PCMU}
	}
	p := &Phone{
		t: t, opts: o, log: slog.New(slog.DiscardHandler), Requests: make(chan *Message, 64),
		inboxes: make(map[string]chan *Message), calls: make(map[string]*Call), done: make(chan struct{}),
	}
	var err error
	if p.dtls, err = rtpsession.NewCertificate(); err != nil {
		t.Fatalf("siptest: %v", err)
	}
	if err := p.connect(); err != nil {
		t.Fatalf("siptest: connect: %v", err)
	}
	go p.readAll()
	t.Cleanup(p.Close)
	return p
}

func (p *Phone) connect() error {
	var err error
	switch p.opts.Transport {
	case "udp":
		p.udp, err = net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	case "tcp":
		p.conn, err = net.DialTimeout("tcp", p.opts.Server.String(), Patience)
	case "tls":
		d := &net.Dialer{Timeout: Patience}
		p.conn, err = tls.DialWithDialer(d, "tcp", p.opts.Server.String(), &tls.Config{InsecureSkipVerify: true})
	default:
		err = fmt.Errorf("transport %q", p.opts.Transport)
	}
	return err
}

// Close closes the sockets and ends the media of every call.
func (p *Phone) Close() {
	p.mu.Lock()
	was := p.closed
	p.closed = true
	calls := p.calls
	p.calls = make(map[string]*Call)
	p.mu.Unlock()
	if was {
		return
	}
	for _, c := range calls {
		c.stopMedia()
	}
	if p.conn != nil {
		_ = p.conn.Close()
	} else {
		_ = p.udp.Close()
	}
	<-p.done
}

// Addr the phone sends from.
func (p *Phone) Addr() netip.AddrPort {
	a := p.local()
	ap, err := netip.ParseAddrPort(a.String())
	if err != nil {
		p.t.Fatalf("siptest: %v", err)
	}
	return ap
}

func (p *Phone) local() net.Addr {
	if p.conn != nil {
		return p.conn.LocalAddr()
	}
	return p.udp.LocalAddr()
}

// Send writes raw bytes to the server.
func (p *Phone) Send(raw string) {
	p.t.Helper()
	var err error
	if p.conn != nil {
		_, err = p.conn.Write([]byte(raw))
	} else {
		_, err = p.udp.WriteToUDPAddrPort([]byte(raw), p.opts.Server)
	}
	if err != nil {
		p.t.Errorf("siptest: send: %v", err)
	}
}

func (p *Phone) readAll() {
	defer close(p.done)
	if p.conn != nil {
		r := bufio.NewReader(p.conn)
		for {
			m, err := read(r)
			if err != nil {
				return
			}
			p.got(m)
		}
	}
	buf := make([]byte, 65536)
	for {
		n, _, err := p.udp.ReadFromUDPAddrPort(buf)
		if err != nil {
			return
		}
		if m, err := Parse(buf[:n]); err == nil {
			p.got(m)
		}
	}
}

// got hands a message to whoever waits for it.
func (p *Phone) got(m *Message) {
	key := inboxKey(m.Get("call-id"), m.CSeq(), m.Method())
	p.mu.Lock()
	inbox := p.inboxes[key]
	call := p.calls[m.Get("call-id")]
	p.mu.Unlock()
	if m.Status() != 0 {
		if inbox != nil {
			select {
			case inbox <- m:
			default:
			}
		}
		return
	}
	if call != nil && call.incoming(m) {
		return
	}
	select {
	case p.Requests <- m:
	default:
	}
}

// Expect opens an inbox for the answers to one request.
func (p *Phone) expect(callID string, cseq int, method string) (<-chan *Message, func()) {
	key := inboxKey(callID, cseq, method)
	inbox := make(chan *Message, 16)
	p.mu.Lock()
	p.inboxes[key] = inbox
	p.mu.Unlock()
	return inbox, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.inboxes, key)
	}
}

func inboxKey(callID string, cseq int, method string) string {
	return fmt.Sprintf("%s %d %s", callID, cseq, method)
}

// Do sends a request and gives its final answer; provisional ones are passed over. The test fails when none comes.
func (p *Phone) Do(m *Message) *Message {
	p.t.Helper()
	inbox, stop := p.expect(m.Get("call-id"), m.CSeq(), m.Method())
	defer stop()
	p.Send(m.String())
	return p.final(m.Method(), inbox)
}

func (p *Phone) final(what string, inbox <-chan *Message) *Message {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	defer cancel()
	for {
		select {
		case m := <-inbox:
			if m.Status() >= 200 {
				return m
			}
		case <-ctx.Done():
			p.t.Fatalf("siptest: no final answer to %s", what)
			return nil
		}
	}
}

// Request makes a request outside any dialog to user at the server, ready to be changed and sent.
func (p *Phone) Request(method, user string) *Message {
	uri := fmt.Sprintf("sip:%s@%s", user, p.opts.Server)
	if p.opts.Transport != "udp" {
		uri += ";transport=" + p.opts.Transport
	}
	m := &Message{Start: method + " " + uri + " SIP/2.0"}
	m.Add("Via", p.via())
	m.Add("Max-Forwards", "70")
	m.Add("From", fmt.Sprintf("<sip:%s@127.0.0.1>;tag=%s", p.opts.User, token()))
	m.Add("To", "<"+uri+">")
	m.Add("Call-ID", token())
	m.Add("CSeq", "1 "+method)
	m.Add("Contact", p.contact())
	return m
}

func (p *Phone) via() string {
	return fmt.Sprintf("SIP/2.0/%s %s;branch=z9hG4bK%s;rport", strings.ToUpper(p.opts.Transport), p.local(), token())
}

func (p *Phone) contact() string {
	c := fmt.Sprintf("<sip:%s@%s", p.opts.User, p.local())
	if p.opts.Transport != "udp" {
		c += ";transport=" + p.opts.Transport
	}
	return c + ">"
}

func token() string {
	b := make([]byte, 8)
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}
