package sdp

import (
	"strconv"
	"strings"
	"time"

	"legroom/media"
)

// Format is one RTP payload format of a media line.
type Format struct {
	// PayloadType number, 0 to 127.
	PayloadType uint8
	// Name as written; empty for a dynamic number without an rtpmap.
	Name string
	// ClockRate in Hz.
	ClockRate uint32
	// Channels of sound, 1 when not said.
	Channels uint8
	// Params is the fmtp value as written.
	Params string
}

// String is the number and the rtpmap: "8 PCMA/8000".
func (f Format) String() string {
	s := strconv.Itoa(int(f.PayloadType)) + " "
	if f.Name == "" {
		return s + "(no rtpmap)"
	}
	s += f.Name + "/" + strconv.Itoa(int(f.ClockRate))
	if f.Channels > 1 {
		s += "/" + strconv.Itoa(int(f.Channels))
	}
	return s
}

// Param gives a value of Params: "1" for useinbandfec in "stereo=1; useinbandfec=1". Names are compared without case.
func (f Format) Param(name string) string {
	for part := range strings.SplitSeq(f.Params, ";") {
		key, value, _ := strings.Cut(part, "=")
		if strings.EqualFold(strings.TrimSpace(key), name) {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// Event tells whether it is a telephone-event format (RFC 4733).
func (f Format) Event() bool { return strings.EqualFold(f.Name, "telephone-event") }

// Payloads lists the RTP formats in the order of the m= line. Static numbers need no rtpmap (RFC 3551 section 6), but one
// that is there wins.
func (m *MediaDescription) Payloads() []Format {
	out := make([]Format, 0, len(m.Formats))
	var seen [128]bool
	for _, word := range m.Formats {
		n, err := strconv.ParseUint(word, 10, 7)
		if err != nil || seen[n] || len(word) > 1 && word[0] == '0' { // "08" would come back as "8": not what was offered
			continue
		}
		seen[n] = true
		f := staticFormat(uint8(n))
		f.PayloadType = uint8(n)
		if v, ok := m.mapped("rtpmap", word); ok {
			f.Name, f.ClockRate, f.Channels = parseMap(v)
		}
		f.Params, _ = m.mapped("fmtp", word)
		out = append(out, f)
	}
	return out
}

// mapped finds "key:number value".
func (m *MediaDescription) mapped(key, number string) (string, bool) {
	for _, a := range m.Attributes {
		if !strings.EqualFold(a.Key, key) {
			continue
		}
		if n, v, ok := strings.Cut(a.Value, " "); ok && n == number {
			return strings.TrimSpace(v), true
		}
	}
	return "", false
}

func parseMap(v string) (name string, rate uint32, channels uint8) {
	part := append(strings.Split(v, "/"), "", "")
	r, _ := strconv.ParseUint(strings.TrimSpace(part[1]), 10, 32)
	c, err := strconv.ParseUint(strings.TrimSpace(part[2]), 10, 8)
	if err != nil || c == 0 {
		c = 1
	}
	return strings.TrimSpace(part[0]), uint32(r), uint8(c)
}

// staticFormat is RFC 3551 tables 4 and 5.
func staticFormat(pt uint8) Format {
	switch pt {
	case 0:
		return Format{Name: "PCMU", ClockRate: 8000, Channels: 1}
	case 3:
		return Format{Name: "GSM", ClockRate: 8000, Channels: 1}
	case 4:
		return Format{Name: "G723", ClockRate: 8000, Channels: 1}
	case 8:
		return Format{Name: "PCMA", ClockRate: 8000, Channels: 1}
	case 9:
		return Format{Name: "G722", ClockRate: 8000, Channels: 1}
	case 10:
		return Format{Name: "L16", ClockRate: 44100, Channels: 2}
	case 11:
		return Format{Name: "L16", ClockRate: 44100, Channels: 1}
	case 13:
		return Format{Name: "CN", ClockRate: 8000, Channels: 1}
	case 15:
		return Format{Name: "G728", ClockRate: 8000, Channels: 1}
	case 18:
		return Format{Name: "G729", ClockRate: 8000, Channels: 1}
	case 26:
		return Format{Name: "JPEG", ClockRate: 90000, Channels: 1}
	case 31:
		return Format{Name: "H261", ClockRate: 90000, Channels: 1}
	case 34:
		return Format{Name: "H263", ClockRate: 90000, Channels: 1}
	default:
		return Format{Channels: 1}
	}
}

// is tells whether the format carries the codec. G.722 at 16000 Hz and Opus without "/2" are mistakes that devices make
// and mean (RFC 3551 section 4.5.2, RFC 7587 section 7).
func (f Format) is(c media.Codec) bool {
	if !strings.EqualFold(f.Name, string(c.Name)) {
		return false
	}
	switch c.Name {
	case media.G722:
		return (f.ClockRate == 8000 || f.ClockRate == 16000) && f.Channels <= 1
	case media.Opus:
		return f.ClockRate == 48000 && f.Channels <= 2
	default:
		return f.ClockRate == c.ClockRate && f.Channels <= 1
	}
}

// PacketTime the sender of the description wants; 0 when it does not say.
func (m *MediaDescription) PacketTime() time.Duration { return m.milliseconds("ptime") }

// MaxPacketTime it can take; 0 when it does not say.
func (m *MediaDescription) MaxPacketTime() time.Duration { return m.milliseconds("maxptime") }

func (m *MediaDescription) milliseconds(key string) time.Duration {
	v, _ := m.inherited(key)
	n, err := strconv.ParseFloat(v, 32) // "20.0" is in the wild
	if err != nil || n < 1 || n > 1000 {
		return 0
	}
	return time.Duration(n) * time.Millisecond
}

// bitrate is the least of what the line says it can take, bit/s; 0 when it says nothing.
func (m *MediaDescription) bitrate(f Format) int {
	least := 0
	add := func(n uint64) {
		if n > 0 && n < 1<<40 && (least == 0 || int(n) < least) {
			least = int(n)
		}
	}
	for _, b := range m.Bandwidth {
		switch strings.ToUpper(b.Type) {
		case "AS":
			add(b.Value * 1000)
		case "TIAS":
			add(b.Value)
		}
	}
	if n, err := strconv.ParseUint(f.Param("maxaveragebitrate"), 10, 32); err == nil {
		add(n)
	}
	return least
}
