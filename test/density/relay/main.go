// Command relay is the floor that the gateway's cost per call is held against: it answers SIP calls over UDP with the
// least that a phone accepts, and hands each RTP packet of a leg, untouched, to the next leg of the same room. It reads
// and sends as many packets as the gateway does for the same calls, and does nothing else.
package main

import (
	"bufio"
	"bytes"
	"context"
	"flag"
	"fmt"
	"log"
	"net"
	"net/netip"
	"net/textproto"
	"os/signal"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:5070", "SIP address, UDP")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if err := run(ctx, *listen); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, listen string) error {
	addr, err := netip.ParseAddrPort(listen)
	if err != nil {
		return err
	}
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(addr))
	if err != nil {
		return err
	}
	context.AfterFunc(ctx, func() { conn.Close() })
	r := &relay{conn: conn, host: addr.Addr(), rooms: make(map[string]*room), legs: make(map[string]*leg)}
	buf := make([]byte, 65536)
	for {
		n, from, err := conn.ReadFromUDPAddrPort(buf)
		if ctx.Err() != nil {
			return nil
		}
		if err == nil {
			r.handle(buf[:n], from)
		}
	}
}

type relay struct {
	conn  *net.UDPConn
	host  netip.Addr
	rooms map[string]*room
	legs  map[string]*leg
}

// room is a ring of legs; next is read by every packet, so it is swapped whole.
type room struct {
	mu   sync.Mutex
	legs []*leg
}

type leg struct {
	conn   *net.UDPConn
	remote netip.AddrPort
	room   *room
	next   atomic.Pointer[leg]
	answer []byte
}

var (
	userOf = regexp.MustCompile(`^INVITE sips?:([^@;> ]+)`)
	connOf = regexp.MustCompile(`(?m)^c=IN IP4 (\S+)`)
	portOf = regexp.MustCompile(`(?m)^m=audio (\d+) \S+ (\d+)`)
)

func (r *relay) handle(msg []byte, from netip.AddrPort) {
	head, body, _ := bytes.Cut(msg, []byte("\r\n\r\n"))
	method, _, _ := strings.Cut(string(head), " ")
	_, fields, _ := bytes.Cut(head, []byte("\r\n"))
	header, err := textproto.NewReader(bufio.NewReader(bytes.NewReader(append(fields, "\r\n\r\n"...)))).ReadMIMEHeader()
	if err != nil {
		return
	}
	id := header.Get("Call-Id")
	switch method {
	case "INVITE":
		l := r.legs[id]
		if l == nil {
			if l = r.invite(string(head), string(body), header); l == nil {
				return
			}
			r.legs[id] = l
		}
		_, _ = r.conn.WriteToUDPAddrPort(l.answer, from)
	case "BYE":
		if l := r.legs[id]; l != nil {
			l.conn.Close()
			delete(r.legs, id)
		}
		_, _ = r.conn.WriteToUDPAddrPort(response(header, "", ""), from)
	}
}

func (r *relay) invite(head, body string, header textproto.MIMEHeader) *leg {
	user, host, port := userOf.FindStringSubmatch(head), connOf.FindStringSubmatch(body), portOf.FindStringSubmatch(body)
	if user == nil || host == nil || port == nil {
		return nil
	}
	remote, err := netip.ParseAddrPort(host[1] + ":" + port[1])
	if err != nil {
		return nil
	}
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: r.host.AsSlice()})
	if err != nil {
		return nil
	}
	rm := r.rooms[user[1]]
	if rm == nil {
		rm = &room{}
		r.rooms[user[1]] = rm
	}
	l := &leg{conn: conn, remote: remote, room: rm}
	local := conn.LocalAddr().(*net.UDPAddr)
	sdp := fmt.Sprintf("v=0\r\no=- 1 1 IN IP4 %s\r\ns=-\r\nc=IN IP4 %s\r\nt=0 0\r\nm=audio %d RTP/AVP %s 101\r\na=rtpmap:101 telephone-event/8000\r\na=ptime:20\r\n",
		local.IP, local.IP, local.Port, port[2])
	l.answer = response(header, r.conn.LocalAddr().String(), sdp)
	rm.join(l)
	go l.forward()
	return l
}

func (rm *room) join(l *leg) {
	rm.mu.Lock()
	defer rm.mu.Unlock()
	rm.legs = append(rm.legs, l)
	for i, x := range rm.legs {
		if next := rm.legs[(i+1)%len(rm.legs)]; next != x {
			x.next.Store(next)
		}
	}
}

func (l *leg) forward() {
	buf := make([]byte, 2048)
	for {
		n, _, err := l.conn.ReadFromUDPAddrPort(buf)
		if err != nil {
			return
		}
		if next := l.next.Load(); next != nil {
			_, _ = next.conn.WriteToUDPAddrPort(buf[:n], next.remote)
		}
	}
}

func response(header textproto.MIMEHeader, contact, sdp string) []byte {
	var b bytes.Buffer
	b.WriteString("SIP/2.0 200 OK\r\n")
	for _, name := range []string{"Via", "Record-Route", "From", "To", "Call-Id", "Cseq"} {
		for _, v := range header.Values(name) {
			if name == "To" && !strings.Contains(v, "tag=") {
				v += ";tag=relay"
			}
			fmt.Fprintf(&b, "%s: %s\r\n", name, v)
		}
	}
	if sdp != "" {
		fmt.Fprintf(&b, "Contact: <sip:relay@%s>\r\nContent-Type: application/sdp\r\n", contact)
	}
	fmt.Fprintf(&b, "Content-Length: %d\r\n\r\n%s", len(sdp), sdp)
	return b.Bytes()
}
