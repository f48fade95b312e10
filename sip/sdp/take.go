package sdp

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"legroom/media"
)

// taken is a line that will carry something.
type taken struct {
	agreed Agreed
	format Format
	own    media.Codec // of the local end, as it was given
	local  *LocalMedia
	secure secured
	rtcp   uint16 // local port, 0 with rtcp-mux
}

// take looks at one line of an offer from top to bottom: transport, address, codec, security.
func (n *negotiator) take(i int, m *MediaDescription, local *LocalMedia) (*taken, error) {
	if !m.Protocol.RTP() {
		return nil, notUsed(ErrProtocol, "refused: %s is no transport the gateway speaks", m.Protocol)
	}
	addr := m.Connection.Addr
	if addr.IsValid() && addr.Is6() != n.caps.Address.Is6() || addr.IsMulticast() {
		return nil, notUsed(ErrAddressFamily, "refused: the peer's media address is %s, ours is %s", addr, n.caps.Address)
	}
	format, own, err := n.codec(i, m, local)
	if err != nil {
		return nil, err
	}
	codec := agreedCodec(format, own)
	secure, err := n.secure(i, m)
	if err != nil {
		return nil, err
	}
	codec.PacketTime = packetTime(m, local, codec)
	t := &taken{format: format, own: own, local: local, secure: secure, agreed: Agreed{
		Index: i, Kind: local.Kind, Codec: codec,
		PayloadType: format.PayloadType, ReceivePayloadType: format.PayloadType,
		Direction:  direct(m, local),
		RTCPMux:    m.RTCPMux(),
		Events:     events(m, local, codec),
		Keys:       secure.keys,
		MaxBitrate: m.bitrate(format),
	}}
	t.pictures(m)
	t.agreed.Remote, t.agreed.RemoteRTCP = m.remote()
	if t.agreed.RTCPMux {
		t.agreed.RemoteRTCP = t.agreed.Remote
	} else {
		t.rtcp = local.RTCPPort
	}
	n.eventWords(i, t.agreed.Events, local)
	return t, nil
}

// codec takes the running codec if it is offered again, else the first by the order that rules.
func (n *negotiator) codec(i int, m *MediaDescription, local *LocalMedia) (Format, media.Codec, error) {
	offered := m.Payloads()
	if before, ok := n.previous(i); ok {
		for _, f := range offered {
			if own, ok := sameAgain(f, before, local); ok {
				n.formatWords(i, offered, f, local)
				return f, own, nil
			}
		}
	}
	order := n.caps.Order
	if local.Kind == media.Video {
		order = OwnOrder
	}
	f, c, ok := firstCommon(offered, local.Codecs, order)
	n.formatWords(i, offered, f, local)
	if !ok {
		return f, c, notUsed(ErrNoCommonCodec, "refused: no common codec; offered %s, here are %s", formatNames(offered), codecNames(local.Codecs))
	}
	return f, c, nil
}

func firstCommon(offered []Format, own []media.Codec, order Order) (Format, media.Codec, bool) {
	if order == OwnOrder {
		for _, c := range own {
			for _, f := range offered {
				if f.fits(c) {
					return f, c, true
				}
			}
		}
		return Format{PayloadType: 255}, media.Codec{}, false
	}
	for _, f := range offered {
		for _, c := range own {
			if f.fits(c) {
				return f, c, true
			}
		}
	}
	return Format{PayloadType: 255}, media.Codec{}, false
}

// sameAgain tells whether a format is the one that runs, and gives the codec of the local end it is of. Of H.264 a line may
// offer several that differ in profile and mode alone.
func sameAgain(f Format, before Agreed, local *LocalMedia) (media.Codec, bool) {
	for _, own := range local.Codecs {
		if own.Same(before.Codec) && f.fits(own) && (own.Name != media.H264 || agreedCodec(f, own).Fmtp == before.Codec.Fmtp) {
			return own, true
		}
	}
	return media.Codec{}, false
}

// agreedCodec is what we send by a format of the peer's.
func agreedCodec(f Format, own media.Codec) media.Codec {
	if own.Name == media.H264 {
		own.Fmtp = f.sendH264(own)
	}
	return own
}

// pictures notes what is said of pictures alone.
func (t *taken) pictures(m *MediaDescription) {
	if t.local.Kind == media.Video {
		t.agreed.Video = m.pictures(t.format, t.own, t.local)
		t.agreed.MaxBitrate = int(t.agreed.Video.Send.MaxBitrate)
	}
}

// direct gives our direction. An address of zeros is the old form of "do not send to me" (RFC 3264 section 8.4).
func direct(m *MediaDescription, local *LocalMedia) Direction {
	theirs := m.Direction()
	if m.Connection.Held() {
		theirs = theirs.And(SendOnly)
	}
	return theirs.Reverse().And(local.Direction)
}

// events lists the telephone-event formats, the one to send first: that on the codec's clock (RFC 4733 section 2.1), else
// the one on 8000 Hz, else the first.
func events(m *MediaDescription, local *LocalMedia, codec media.Codec) []EventFormat {
	if !local.Events {
		return nil
	}
	var out []EventFormat
	best, bestRank := 0, 0
	for _, f := range m.Payloads() {
		if !f.Event() || f.ClockRate == 0 {
			continue
		}
		rank := 1
		if f.ClockRate == 8000 {
			rank = 2
		}
		if f.ClockRate == codec.ClockRate {
			rank = 3
		}
		if rank > bestRank {
			best, bestRank = len(out), rank
		}
		out = append(out, EventFormat{PayloadType: f.PayloadType, ClockRate: f.ClockRate})
	}
	if len(out) > 0 {
		first := out[best]
		out = slices.Insert(slices.Delete(out, best, best+1), 0, first)
	}
	return out
}

// packetTime is the longest that can be sent and is not over what the peer asks for (20 ms when it does not ask), or the
// shortest that can be sent.
func packetTime(m *MediaDescription, local *LocalMedia, codec media.Codec) time.Duration {
	if codec.Kind() != media.Audio {
		return 0
	}
	own := local.PacketTimes
	if len(own) == 0 {
		own = []time.Duration{20 * time.Millisecond}
	}
	want := m.PacketTime()
	if want == 0 {
		want = 20 * time.Millisecond
	}
	if most := m.MaxPacketTime(); most > 0 {
		want = min(want, most)
	}
	best := slices.Min(own)
	for _, d := range own {
		if d <= want && d > best {
			best = d
		}
	}
	return best
}

// describe makes our line. formats are those of the codecs, first the preferred.
func (t *taken) describe(kind string, proto Protocol, formats []Format) MediaDescription {
	m := MediaDescription{Media: kind, Port: t.local.Port, Protocol: proto}
	var maps []Attribute
	add := func(f Format) {
		number := strconv.Itoa(int(f.PayloadType))
		m.Formats = append(m.Formats, number)
		maps = append(maps, Attribute{"rtpmap", f.String()})
		if f.Params != "" {
			maps = append(maps, Attribute{"fmtp", number + " " + f.Params})
		}
	}
	for _, f := range formats {
		add(ownFormat(f))
	}
	for _, e := range t.answeredEvents(len(formats)) {
		add(Format{PayloadType: e.PayloadType, Name: "telephone-event", ClockRate: e.ClockRate, Params: "0-15"})
	}
	m.Attributes = maps
	if t.agreed.Codec.PacketTime > 0 {
		m.Attributes = append(m.Attributes, Attribute{"ptime", strconv.FormatInt(t.agreed.Codec.PacketTime.Milliseconds(), 10)})
	}
	m.Attributes = append(m.Attributes, Attribute{Key: t.agreed.Direction.String()})
	if t.agreed.RTCPMux {
		m.Attributes = append(m.Attributes, Attribute{Key: "rtcp-mux"})
	}
	if t.rtcp != 0 && t.rtcp != t.local.Port+1 {
		m.Attributes = append(m.Attributes, Attribute{"rtcp", strconv.Itoa(int(t.rtcp))})
	}
	t.pictureLines(&m, formats)
	m.Attributes = append(m.Attributes, t.secure.attributes...)
	return m
}

// answeredEvents is one format for one codec: a peer then need not choose. An offer of several codecs shows all.
func (t *taken) answeredEvents(codecs int) []EventFormat {
	if codecs == 1 && len(t.agreed.Events) > 1 {
		return t.agreed.Events[:1]
	}
	return t.agreed.Events
}

// ownFormat is the format as we write it: names as registered, and the parameters of what we receive.
func ownFormat(f Format) Format {
	if name := media.CodecName(strings.ToUpper(f.Name)); (media.Codec{Name: name}).Kind() == media.Video {
		f.Name = string(name)
		return f // with the parameters of whoever made it
	}
	f.Params = ""
	switch {
	case f.is(media.Codec{Name: media.Opus, ClockRate: 48000}):
		f.Name, f.Channels, f.Params = string(media.Opus), 2, "useinbandfec=1"
	case f.is(media.Codec{Name: media.G722, ClockRate: 8000}):
		f.Name, f.ClockRate = string(media.G722), 8000
	default:
		f.Name = strings.ToUpper(f.Name)
	}
	return f
}
