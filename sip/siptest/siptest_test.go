package siptest_test

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"legroom/media"
	"legroom/sip/siptest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// registrar answers on a UDP socket, by hand, and gives every request it got.
func registrar(t *testing.T, answers map[string]string) (at netip.AddrPort, got <-chan *siptest.Message) {
	t.Helper()
	socket, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	requests, done := make(chan *siptest.Message, 16), make(chan struct{})
	go func() {
		defer close(done)
		buf := make([]byte, 65536)
		for {
			n, from, err := socket.ReadFromUDPAddrPort(buf)
			if err != nil {
				return
			}
			m, err := siptest.Parse(buf[:n])
			if err != nil {
				t.Errorf("not understood: %v", err)
				continue
			}
			requests <- m
			if status, ok := answers[m.Method()]; ok {
				_, _ = socket.WriteToUDPAddrPort([]byte(answer(m, status)), from)
			}
		}
	}()
	t.Cleanup(func() {
		_ = socket.Close()
		<-done
	})
	return netip.MustParseAddrPort(socket.LocalAddr().String()), requests
}

// answer is a response without a body.
func answer(m *siptest.Message, status string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "SIP/2.0 %s\r\n", status)
	for _, h := range []string{"Via", "From", "To", "Call-ID", "CSeq"} {
		fmt.Fprintf(&b, "%s: %s", h, m.Get(strings.ToLower(h)))
		if h == "To" && status != "100 Trying" {
			b.WriteString(";tag=other")
		}
		b.WriteString("\r\n")
	}
	b.WriteString("Content-Length: 0\r\n\r\n")
	return b.String()
}

func TestRequestAndAnswer(t *testing.T) {
	at, got := registrar(t, map[string]string{"OPTIONS": "200 OK"})
	p := siptest.New(t, siptest.Options{Server: at, User: "ada"})
	if status := p.Do(p.Request("OPTIONS", "1000")).Status(); status != 200 {
		t.Errorf("status %d", status)
	}
	if m := <-got; m.Method() != "OPTIONS" || !strings.Contains(m.Get("from"), "sip:ada@") {
		t.Errorf("sent %s", m)
	}
}

func TestRefusedCallIsAcknowledgedAndItsMediaEnds(t *testing.T) {
	at, got := registrar(t, map[string]string{"INVITE": "486 Busy Here"})
	p := siptest.New(t, siptest.Options{Server: at, Codecs: []media.CodecName{media.Opus, media.PCMA}})
	call := p.Invite("1000")
	if status := call.Final().Status(); status != 486 {
		t.Errorf("status %d", status)
	}
	invite := <-got
	for _, want := range []string{"m=audio", "opus/48000/2", "PCMA/8000"} {
		if !strings.Contains(invite.Body, want) {
			t.Errorf("no %s in the offer:\n%s", want, invite.Body)
		}
	}
	late := time.NewTimer(siptest.Patience)
	defer late.Stop()
	select {
	case m := <-got:
		if m.Method() != "ACK" || m.CSeq() != invite.CSeq() {
			t.Errorf("sent %s", m)
		}
	case <-late.C:
		t.Error("the refusal is not acknowledged")
	}
	p.Close()
	p.Close()
}
