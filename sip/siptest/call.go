package siptest

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"sync"

	"github.com/icholy/digest"

	"legroom/media"
	"legroom/sip/rtpsession"
	"legroom/sip/sdp"
)

// Call is one call a Phone placed.
type Call struct {
	phone  *Phone
	invite *Message
	inbox  <-chan *Message
	stop   func()
	// Answer is the 200 that took the call; nil before.
	Answer *Message
	// Media of the call; nil for a call without an SDP of ours.
	Media *Media
	// Pictures of the call; nil where none are offered.
	Pictures *Pictures
	caps     sdp.Capabilities
	cfg      rtpsession.Config
	offer    *sdp.Description

	mu    sync.Mutex
	seq   int
	ended chan struct{}
	once  sync.Once
}

// Invite makes a call to user and sends it; change may alter the INVITE first, as for headers or a body of one's own.
func (p *Phone) Invite(user string, change ...func(*Message)) *Call {
	p.t.Helper()
	m := p.Request("INVITE", user)
	m.Add("Allow", "INVITE, ACK, BYE, CANCEL, OPTIONS, UPDATE, INFO")
	c := &Call{phone: p, invite: m, seq: 1, ended: make(chan struct{})}
	c.describe()
	m.Add("Content-Type", "application/sdp")
	m.Body = string(c.offer.Bytes())
	for _, f := range change {
		f(m)
	}
	c.send()
	return c
}

// describe opens the media ports and makes the offer.
func (c *Call) describe() {
	p := c.phone
	p.t.Helper()
	cfg := rtpsession.DefaultConfig()
	cfg.Address = netip.MustParseAddr("127.0.0.1")
	cfg.PortMin, cfg.PortMax = 0, 0
	cfg.SDES, cfg.DTLS = sdp.Off, sdp.Off
	switch p.opts.Security {
	case sdp.SDES:
		cfg.SDES = sdp.Required
	case sdp.DTLS:
		cfg.DTLS = sdp.Required
	case sdp.Clear:
	}
	s, err := rtpsession.New(cfg, rtpsession.Options{Log: p.log, Ports: rtpsession.NewPorts(cfg), Certificate: p.dtls})
	if err != nil {
		p.t.Fatalf("siptest: media: %v", err)
	}
	local := sdp.LocalMedia{Kind: media.Audio, Events: !p.opts.NoDTMF, Port: s.LocalPort(), RTCPPort: s.LocalRTCPPort()}
	for _, name := range p.opts.Codecs {
		local.Codecs = append(local.Codecs, codecOf(name))
	}
	c.caps = sdp.Capabilities{
		Address: cfg.Address, Media: []sdp.LocalMedia{local}, SDES: cfg.SDES, DTLS: cfg.DTLS,
		Secret: sdp.NewSecret(), Fingerprint: p.dtls.Fingerprint(), SessionID: 4711,
	}
	c.cfg = cfg
	c.Media = newMedia(p.t, s)
	if len(p.opts.Video) > 0 {
		c.showPictures()
	}
	c.offer = sdp.Offer(c.caps)
}

// showPictures opens the ports of pictures and puts them into what the phone can do.
func (c *Call) showPictures() {
	p := c.phone
	p.t.Helper()
	s, err := rtpsession.New(c.cfg, rtpsession.Options{Log: p.log, Ports: rtpsession.NewPorts(c.cfg), Certificate: p.dtls, Video: true})
	if err != nil {
		p.t.Fatalf("siptest: pictures: %v", err)
	}
	c.Pictures = newPictures(p.t, s)
	c.caps.Media = append(c.caps.Media[:1:1], sdp.LocalMedia{
		Kind: media.Video, Codecs: p.opts.Video, Port: s.LocalPort(), RTCPPort: s.LocalRTCPPort(), Video: sdp.LocalVideo{
			Content: sdp.MainContent, Feedback: p.opts.Feedback, Limits: sdp.VideoLimits{MaxBitrate: p.opts.VideoBitrate},
		},
	})
}

// AddPictures offers pictures, for the first time or again, in a re-INVITE of all codecs. It gives the answer.
func (c *Call) AddPictures() *Message {
	c.phone.t.Helper()
	c.showPictures()
	previous := c.caps.Previous
	c.caps.Previous = nil
	defer func() {
		if c.caps.Previous == nil {
			c.caps.Previous = previous
		}
	}()
	return c.Reoffer(sdp.SendRecv)
}

// DropPictures closes the line of pictures in a re-INVITE. It gives the answer.
func (c *Call) DropPictures() *Message {
	c.phone.t.Helper()
	c.caps.Media = c.caps.Media[:1]
	res := c.Reoffer(sdp.SendRecv)
	c.Pictures.stop()
	c.Pictures = nil
	return res
}

// HoldPictures changes the direction of pictures alone. It gives the answer.
func (c *Call) HoldPictures(d sdp.Direction) *Message {
	c.phone.t.Helper()
	c.caps.Media[1].Direction = d
	return c.Reoffer(c.caps.Media[0].Direction)
}

// begin starts what was agreed.
func (c *Call) begin(n *sdp.Negotiation) {
	c.phone.t.Helper()
	c.caps.Previous = n
	a, _ := n.Audio()
	c.Media.start(a)
	for _, a := range n.Media {
		if a.Kind == media.Video && c.Pictures != nil {
			c.Pictures.start(a)
		}
	}
}

func (c *Call) send() {
	p := c.phone
	id := c.invite.Get("call-id")
	c.inbox, c.stop = p.expect(id, c.invite.CSeq(), "INVITE")
	p.mu.Lock()
	p.calls[id] = c
	p.mu.Unlock()
	p.Send(c.invite.String())
}

// CallID of the call.
func (c *Call) CallID() string { return c.invite.Get("call-id") }

// Final waits for the final answer, answers a digest challenge on the way, and acknowledges a refusal.
func (c *Call) Final() *Message {
	c.phone.t.Helper()
	res := c.phone.final("INVITE", c.inbox)
	if res.Status() == 401 && c.phone.opts.DigestUser != "" && c.invite.Get("authorization") == "" {
		c.ackRefusal(res)
		c.stop()
		c.seq++
		c.authorize(res)
		c.send()
		return c.Final()
	}
	if res.Status() >= 300 {
		c.ackRefusal(res)
		c.stop()
		c.stopMedia()
	}
	return res
}

// Provisional waits for the next answer below 200.
func (c *Call) Provisional(status int) *Message {
	c.phone.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	defer cancel()
	for {
		select {
		case m := <-c.inbox:
			if m.Status() == status {
				return m
			}
		case <-ctx.Done():
			c.phone.t.Fatalf("siptest: no %d", status)
			return nil
		}
	}
}

// Answered waits until the call is taken, acknowledges and starts the media. The test fails when it is refused.
func (c *Call) Answered() *Call {
	c.phone.t.Helper()
	res := c.Final()
	if res.Status() != 200 {
		c.phone.t.Fatalf("siptest: call answered with %q, warning %q", res.Start, res.Get("warning"))
	}
	c.Answer = res
	c.Ack("")
	if c.Media != nil && res.Body != "" {
		c.agree(res.Body)
	}
	return c
}

// Early waits for early media and listens to it.
func (c *Call) Early() *Call {
	c.phone.t.Helper()
	c.agree(c.Provisional(183).Body)
	return c
}

// agree takes the server's answer to our offer.
func (c *Call) agree(body string) {
	c.phone.t.Helper()
	answer, err := sdp.Parse([]byte(body))
	if err != nil {
		c.phone.t.Fatalf("siptest: answer: %v", err)
	}
	n, err := sdp.Accept(c.offer, answer, c.caps)
	if err != nil {
		c.phone.t.Fatalf("siptest: answer: %v\n%s", err, body)
	}
	c.begin(n)
}

// Ack acknowledges the 200, with a body for a late offer.
func (c *Call) Ack(body string) {
	m := c.inDialog("ACK", c.seq)
	if body != "" {
		m.Add("Content-Type", "application/sdp")
		m.Body = body
	}
	c.phone.Send(m.String())
}

// AnswerTo makes the description that answers an offer of the server, and starts the media with it.
func (c *Call) AnswerTo(offer string) string {
	c.phone.t.Helper()
	o, err := sdp.Parse([]byte(offer))
	if err != nil {
		c.phone.t.Fatalf("siptest: offer: %v", err)
	}
	n, err := sdp.Answer(o, c.caps)
	if err != nil {
		c.phone.t.Fatalf("siptest: offer: %v\n%s", err, offer)
	}
	c.begin(n)
	return string(n.Local.Bytes())
}

func (c *Call) ackRefusal(res *Message) {
	m := &Message{Start: strings.Replace(c.invite.Start, "INVITE", "ACK", 1)}
	m.Add("Via", c.invite.Get("via"))
	m.Add("Max-Forwards", "70")
	m.Add("From", c.invite.Get("from"))
	m.Add("To", res.Get("to"))
	m.Add("Call-ID", c.CallID())
	m.Add("CSeq", fmt.Sprintf("%d ACK", c.seq))
	c.phone.Send(m.String())
}

// authorize turns the INVITE into the next one, with credentials for the first challenge.
func (c *Call) authorize(res *Message) {
	chal, err := digest.ParseChallenge(res.Get("www-authenticate"))
	if err != nil {
		c.phone.t.Fatalf("siptest: challenge: %v", err)
	}
	uri := strings.Fields(c.invite.Start)[1]
	cred, err := digest.Digest(chal, digest.Options{
		Method: "INVITE", URI: uri, Username: c.phone.opts.DigestUser, Password: c.phone.opts.Password,
	})
	if err != nil {
		c.phone.t.Fatalf("siptest: digest: %v", err)
	}
	for i := range c.invite.Headers {
		switch strings.ToLower(c.invite.Headers[i].Name) {
		case "via":
			c.invite.Headers[i].Value = c.phone.via()
		case "cseq":
			c.invite.Headers[i].Value = fmt.Sprintf("%d INVITE", c.seq)
		}
	}
	c.invite.Add("Authorization", cred.String())
}

// inDialog makes a request inside the dialog.
func (c *Call) inDialog(method string, seq int) *Message {
	target := c.Answer.URI("contact")
	m := &Message{Start: method + " " + target + " SIP/2.0"}
	m.Add("Via", c.phone.via())
	m.Add("Max-Forwards", "70")
	routes := c.Answer.All("record-route")
	for i := len(routes) - 1; i >= 0; i-- {
		m.Add("Route", routes[i])
	}
	m.Add("From", c.invite.Get("from"))
	m.Add("To", c.Answer.Get("to"))
	m.Add("Call-ID", c.CallID())
	m.Add("CSeq", fmt.Sprintf("%d %s", seq, method))
	if method == "INVITE" || method == "UPDATE" {
		m.Add("Contact", c.phone.contact())
	}
	return m
}

// Request makes the next request inside the dialog, ready to be changed and given to Phone.Do.
func (c *Call) Request(method string) *Message {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seq++
	return c.inDialog(method, c.seq)
}

// Bye hangs up and waits for the 200.
func (c *Call) Bye() {
	c.phone.t.Helper()
	if res := c.phone.Do(c.Request("BYE")); res.Status() != 200 {
		c.phone.t.Errorf("siptest: BYE answered with %q", res.Start)
	}
	c.end()
}

// Cancel gives the call up and waits for both answers.
func (c *Call) Cancel() *Message {
	c.phone.t.Helper()
	m := &Message{Start: strings.Replace(c.invite.Start, "INVITE", "CANCEL", 1)}
	for _, name := range []string{"Via", "Max-Forwards", "From", "To", "Call-ID"} {
		m.Add(name, c.invite.Get(name))
	}
	m.Add("CSeq", fmt.Sprintf("%d CANCEL", c.seq))
	if res := c.phone.Do(m); res.Status() != 200 {
		c.phone.t.Errorf("siptest: CANCEL answered with %q", res.Start)
	}
	return c.Final()
}

// Reoffer sends a re-INVITE in which our stream has the given direction, and takes its answer. It gives the answer.
func (c *Call) Reoffer(d sdp.Direction) *Message {
	c.phone.t.Helper()
	c.caps.Media[0].Direction = d
	c.offer = sdp.Offer(c.caps)
	m := c.Request("INVITE")
	m.Add("Content-Type", "application/sdp")
	m.Body = string(c.offer.Bytes())
	res := c.phone.Do(m)
	if res.Status() == 200 {
		c.Ack("")
		c.agree(res.Body)
	}
	return res
}

// Hold puts the server on hold.
func (c *Call) Hold() *Message { return c.Reoffer(sdp.SendOnly) }

// Resume takes it back.
func (c *Call) Resume() *Message { return c.Reoffer(sdp.SendRecv) }

// Ended is closed when either side has hung up.
func (c *Call) Ended() <-chan struct{} { return c.ended }

// WaitEnded fails the test when nobody hangs up.
func (c *Call) WaitEnded() {
	c.phone.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	defer cancel()
	select {
	case <-c.ended:
	case <-ctx.Done():
		c.phone.t.Fatal("siptest: nobody hung up")
	}
}

func (c *Call) end() {
	c.once.Do(func() { close(c.ended) })
	c.stopMedia()
}

func (c *Call) stopMedia() {
	if c.Media != nil {
		c.Media.stop()
	}
	if c.Pictures != nil {
		c.Pictures.stop()
	}
}

// incoming answers what a telephone answers by itself; it tells whether it did.
func (c *Call) incoming(m *Message) bool {
	switch {
	case m.Method() == "BYE":
		c.phone.Send(m.Reply(200, "OK").String())
		go c.end()
		// The test may look at its Reason.
		return false
	case c.phone.opts.Manual || m.Method() == "ACK":
		return false
	case m.Method() == "UPDATE" || m.Method() == "OPTIONS":
		res := m.Reply(200, "OK")
		if se := m.Get("session-expires"); se != "" {
			res.Add("Session-Expires", se)
		}
		c.phone.Send(res.String())
		return false
	default:
		return false
	}
}

// From is the From field of the call.
func (c *Call) From() string { return c.invite.Get("from") }

// AckSeq acknowledges the 200 to a later INVITE, with a body for a late offer.
func (c *Call) AckSeq(seq int, body string) {
	m := c.inDialog("ACK", seq)
	if body != "" {
		m.Add("Content-Type", "application/sdp")
		m.Body = body
	}
	c.phone.Send(m.String())
}

// Recode offers another codec instead of the one in use.
func (c *Call) Recode(name media.CodecName) *Message {
	c.phone.t.Helper()
	previous := c.caps.Previous
	c.caps.Media[0].Codecs = []media.Codec{codecOf(name)}
	c.caps.Previous = nil
	defer func() {
		if c.caps.Previous == nil {
			c.caps.Previous = previous
		}
	}()
	return c.Reoffer(sdp.SendRecv)
}

func codecOf(name media.CodecName) media.Codec {
	if name == media.Opus {
		return media.Codec{Name: name, ClockRate: 48000, Channels: 2}
	}
	return media.Codec{Name: name, ClockRate: 8000, Channels: 1}
}
