package fecc

import (
	"bytes"
	"strings"
)

// Standard numbers of video sources; those above have a name. Source: ITU-T H.281 table 4.
const (
	CurrentSource  = 0
	MainCamera     = 1
	AuxCamera      = 2
	DocumentCamera = 3
	AuxDocument    = 4
	VideoPlayback  = 5
	maxName        = 32
	maxSources     = 15
)

// Source is a video source and what can be done with it.
type Source struct {
	// Number of the source, 1 to 15.
	Number uint8
	// Name of a source above VideoPlayback, text for people.
	Name string
	// Motion, Normal and Double are the modes it has.
	Motion, Normal, Double bool
	// Pan, Tilt, Zoom and Focus are what can be moved.
	Pan, Tilt, Zoom, Focus bool
}

// Capabilities are what a side says of its cameras. Source: ITU-T H.281 clause 5.
type Capabilities struct {
	// Presets it can store, 0 to 15.
	Presets uint8
	// Sources it has.
	Sources []Source
}

// Source finds one by its number.
func (c Capabilities) Source(number uint8) (Source, bool) {
	for _, s := range c.Sources {
		if s.Number == number {
			return s, true
		}
	}
	return Source{}, false
}

// ParseCapabilities reads the extra capabilities of H.281. More than 15 sources, and sources twice, are left out.
// Errors: ErrShort.
func ParseCapabilities(b []byte) (Capabilities, error) {
	if len(b) == 0 {
		return Capabilities{}, ErrShort
	}
	c := Capabilities{Presets: b[0] & 0x0f}
	for b = b[1:]; len(b) > 0; b = b[1:] {
		s := Source{Number: b[0] >> 4, Motion: b[0]&4 != 0, Normal: b[0]&2 != 0, Double: b[0]&1 != 0}
		b = b[1:]
		if s.Number > VideoPlayback {
			name, rest, ended := bytes.Cut(b, []byte{0})
			if !ended {
				return c, ErrShort
			}
			s.Name, b = strings.ToValidUTF8(string(name[:min(len(name), maxName)]), ""), rest
		}
		if len(b) == 0 {
			return c, ErrShort
		}
		s.Pan, s.Tilt, s.Zoom, s.Focus = b[0]&0x80 != 0, b[0]&0x40 != 0, b[0]&0x20 != 0, b[0]&0x10 != 0
		if _, there := c.Source(s.Number); !there && len(c.Sources) < maxSources {
			c.Sources = append(c.Sources, s)
		}
	}
	return c, nil
}

// Append writes the capabilities behind b. Errors: ErrFormat for numbers out of range or a name that cannot be sent.
func (c Capabilities) Append(b []byte) ([]byte, error) {
	if c.Presets > 15 || len(c.Sources) > maxSources {
		return b, ErrFormat
	}
	out := append(b, c.Presets)
	for _, s := range c.Sources {
		if s.Number > 15 || len(s.Name) > maxName || strings.ContainsRune(s.Name, 0) || s.Name != "" && s.Number <= VideoPlayback {
			return b, ErrFormat
		}
		out = append(out, s.Number<<4|flags(false, s.Motion, s.Normal, s.Double))
		if s.Number > VideoPlayback {
			out = append(append(out, s.Name...), 0)
		}
		out = append(out, flags(s.Pan, s.Tilt, s.Zoom, s.Focus)<<4)
	}
	return out, nil
}

// flags are four bits, the first the highest.
func flags(bits ...bool) (n byte) {
	for _, b := range bits {
		n <<= 1
		if b {
			n |= 1
		}
	}
	return n
}
