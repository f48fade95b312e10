package sdp

import (
	"encoding/base64"
	"strconv"
	"strings"

	"legroom/media"
	"legroom/media/payload"
)

// h264Params are the parameters of an H.264 format. Source: RFC 6184 section 8.1.
type h264Params struct {
	profile   payload.ProfileLevel
	mode      int // packetization-mode
	asymmetry bool
	// above is what the receiver says it can do above its level.
	above VideoLimits
	sets  [][]byte
}

// h264 reads the parameters; false for a profile that is not known, or a packetization-mode there is not.
func (f Format) h264() (h264Params, bool) {
	p := h264Params{asymmetry: f.Param("level-asymmetry-allowed") == "1"}
	var err error
	if p.profile, err = payload.ParseProfileLevel(f.Param("profile-level-id")); err != nil {
		return p, false
	}
	if v := f.Param("packetization-mode"); v != "" {
		if p.mode, err = strconv.Atoi(v); err != nil || p.mode < 0 || p.mode > 2 {
			return p, false
		}
	}
	p.above = VideoLimits{
		MaxFS: f.number("max-fs"), MaxMBPS: f.number("max-mbps"), MaxStaticMBPS: f.number("max-smbps"), MaxBitrate: uint64(f.number("max-br")) * 1000,
		// In hundredths; of one vendor, and others follow it.
		MaxFPS: float64(f.number("max-fps")) / 100,
	}
	p.sets = parameterSets(f.Param("sprop-parameter-sets"))
	return p, true
}

// bounds of what is sent at a level. A parameter "MUST NOT be smaller than the level"; one that is counts as not said.
func (p h264Params) bounds(level payload.LevelLimits) VideoLimits {
	l := p.above
	l.MaxFS, l.MaxMBPS, l.MaxBitrate = max(l.MaxFS, level.MaxFS), max(l.MaxMBPS, level.MaxMBPS), max(l.MaxBitrate, level.MaxBitrate)
	l.MaxStaticMBPS = max(l.MaxStaticMBPS, l.MaxMBPS)
	return l
}

// number of a parameter; 0 for none, or one out of all reason.
func (f Format) number(name string) uint32 {
	n, err := strconv.ParseUint(f.Param(name), 10, 31)
	if err != nil {
		return 0
	}
	return uint32(n)
}

// parameterSets reads base64 NAL units between commas; what is no SPS or PPS, or too long, is left out.
func parameterSets(v string) [][]byte {
	var out [][]byte
	for word := range strings.SplitSeq(v, ",") {
		word = strings.TrimRight(strings.TrimSpace(word), "=")
		if word == "" || len(out) == maxSets || len(word) > maxSetBytes {
			continue
		}
		b, err := base64.RawStdEncoding.DecodeString(word)
		if err != nil || len(b) < 2 || b[0]&0x1f != 7 && b[0]&0x1f != 8 {
			continue
		}
		out = append(out, b)
	}
	return out
}

// fitsH264 tells whether the format is one that c is of: the same packetization-mode, for a receiver of mode 0 cannot read
// fragments, and a profile that both have. Endpoints say baseline and mean what is constrained, and their high has no
// interlace: nobody makes the rest.
// Source: RFC 6184 section 8.2.2.
func (f Format) fitsH264(c media.Codec) bool {
	theirs, ok := f.h264()
	own, known := Format{Params: c.Fmtp}.h264()
	if !ok || !known || theirs.mode != own.mode {
		return false
	}
	a, b := own.profile.Profile, theirs.profile.Profile
	return a == b || a == payload.ConstrainedBaseline && b == payload.Baseline || a == payload.High && b == payload.ConstrainedHigh
}

// answerH264 is our fmtp. Profile and mode are those of the offer; the level too, or less, unless both allow levels to
// differ. What is above the level is ours alone to say.
// Source: RFC 6184 section 8.2.2.
func (f Format) answerH264(own media.Codec, limits VideoLimits) string {
	theirs, _ := f.h264()
	ours, _ := Format{Params: own.Fmtp}.h264()
	level := theirs.profile
	if theirs.asymmetry || ours.profile.Level < level.Level {
		level = withLevel(level, ours.profile)
	}
	s := "profile-level-id=" + level.String() + ";packetization-mode=" + strconv.Itoa(theirs.mode)
	if theirs.asymmetry {
		s += ";level-asymmetry-allowed=1"
	}
	return s + limits.above(level)
}

// offerH264 is our fmtp in an offer.
func offerH264(own media.Codec, limits VideoLimits) string {
	ours, _ := Format{Params: own.Fmtp}.h264()
	return "profile-level-id=" + ours.profile.String() + ";packetization-mode=" + strconv.Itoa(ours.mode) +
		";level-asymmetry-allowed=1" + limits.above(ours.profile)
}

// withLevel is the profile of p at the level of o. Level 1b is told by a bit of the profile.
func withLevel(p, o payload.ProfileLevel) payload.ProfileLevel {
	p.Level = o.Level
	if p.IOP &^= 0x10; o.Level == 9 && p.IDC != 100 {
		p.IOP |= 0x10
	}
	return p
}

// above are the parameters for what is over the level.
func (l VideoLimits) above(p payload.ProfileLevel) string {
	level, s := p.Limits(), ""
	add := func(name string, n, base uint32) {
		if n > base {
			s += ";" + name + "=" + strconv.FormatUint(uint64(n), 10)
		}
	}
	add("max-mbps", l.MaxMBPS, level.MaxMBPS)
	add("max-fs", l.MaxFS, level.MaxFS)
	add("max-smbps", l.MaxStaticMBPS, max(level.MaxMBPS, l.MaxMBPS))
	if l.MaxBitrate > level.MaxBitrate {
		add("max-br", uint32(min(l.MaxBitrate/1000, 1<<31)), 0)
	}
	return s
}

// sendLevel is the level the peer is sent: its own where levels may differ, else the one both have.
func (p h264Params) sendLevel(own media.Codec) payload.ProfileLevel {
	ours, _ := Format{Params: own.Fmtp}.h264()
	if !p.asymmetry && ours.profile.Level < p.profile.Level {
		return withLevel(p.profile, ours.profile)
	}
	return p.profile
}

// sendH264 is the fmtp of what we send: profile and mode as negotiated, at the level the peer is sent.
func (f Format) sendH264(own media.Codec) string {
	theirs, _ := f.h264()
	return "packetization-mode=" + strconv.Itoa(theirs.mode) + ";profile-level-id=" + theirs.sendLevel(own).String()
}
