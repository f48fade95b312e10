package peer

import (
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"legroom/media"
)

// valve is a TCP proxy that stops reading from the gateway when it is shut.
type valve struct {
	ln   net.Listener
	to   string
	wg   sync.WaitGroup
	mu   sync.Mutex
	open *sync.Cond
	shut bool
}

func newValve(t *testing.T, to string) *valve {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	v := &valve{ln: ln, to: to}
	v.open = sync.NewCond(&v.mu)
	v.wg.Go(v.accept)
	t.Cleanup(func() {
		_ = ln.Close()
		v.set(false)
		v.wg.Wait()
	})
	return v
}

func (v *valve) accept() {
	for {
		in, err := v.ln.Accept()
		if err != nil {
			return
		}
		out, err := net.Dial("tcp", v.to)
		if err != nil {
			_ = in.Close()
			continue
		}
		v.wg.Go(func() { _, _ = io.Copy(out, in); _ = out.Close() })
		v.wg.Go(func() { _, _ = io.Copy(in, gated{out, v}); _ = in.Close() })
	}
}

func (v *valve) set(shut bool) {
	v.mu.Lock()
	v.shut = shut
	v.mu.Unlock()
	v.open.Broadcast()
}

// gated reads while the valve is open.
type gated struct {
	net.Conn
	v *valve
}

func (c gated) Read(b []byte) (int, error) {
	c.v.mu.Lock()
	for c.v.shut {
		c.v.open.Wait()
	}
	c.v.mu.Unlock()
	return c.Conn.Read(b)
}

// TestSlowBrowserStallsNobody: a browser on TCP that does not read costs its own packets; the writer goes on.
func TestSlowBrowserStallsNobody(t *testing.T) {
	cfg := testConfig()
	cfg.TCPBuffer = 1 << 16
	e := startEngine(t, cfg)
	gateway := e.sockets.tcp.Addr().(*net.TCPAddr)
	v := newValve(t, gateway.String())
	leg := newTestLeg(t, e, "slow", &room{})
	c := newClient(t, clientOptions{settings: func(s *webrtc.SettingEngine) {
		s.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeTCP4})
	}})
	c.recv(webrtc.RTPCodecTypeAudio, 1)
	answer, err := leg.Offer(t.Context(), Offer{SDP: c.offer(nil)})
	if err != nil {
		t.Fatal(err)
	}
	through := v.ln.Addr().(*net.TCPAddr)
	answer = strings.ReplaceAll(answer, fmt.Sprintf(" %d typ host tcptype", gateway.Port), fmt.Sprintf(" %d typ host tcptype", through.Port))
	if err := c.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}); err != nil {
		t.Fatal(err)
	}
	connected(t, leg)
	sink, err := leg.Send(media.TrackInfo{ID: "mic", Participant: "p", Source: media.Microphone, Codec: offeredAudio[0]})
	if err != nil {
		t.Fatal(err)
	}
	// Sound, which no share of the path holds back.
	body := make([]byte, 1100)
	n := 0
	write := func() {
		n++
		p := &media.Packet{Arrived: time.Now(), Packet: rtp.Packet{Header: rtp.Header{Version: 2, SequenceNumber: uint16(n), Timestamp: uint32(n * 90), Marker: true}, Payload: body}}
		if err := sink.Write(p); err != nil {
			t.Fatal(err)
		}
	}
	mid := leg.Slots()[0].MID
	eventually(t, "first packets", func() bool { write(); return len(c.on(mid).list()) > 0 })
	v.set(true)
	// 44 MB are far more than the kernel and our buffer hold. A write that waited would never return: nobody reads.
	for range 40_000 {
		write()
	}
	v.set(false)
	before := len(c.on(mid).list())
	eventually(t, "packets again", func() bool { write(); return len(c.on(mid).list()) > before+50 })
}
