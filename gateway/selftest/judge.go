// Package selftest judges what a gateway forwards in an encrypted room: whether every payload is sealed by the one who is
// said to send it, and whether a decoder of plain media can do anything with it. It takes no word of the gateway for that
// but who is who, and reads the payloads itself.
package selftest

import (
	"fmt"

	"legroom/e2ee/sframe"
	"legroom/gateway/api"
	"legroom/gateway/tap"
	"legroom/media"
)

// Verdict on one stream.
type Verdict uint8

// Verdicts.
const (
	// Unjudged: nothing came, or too little, or in a codec that cannot be read here.
	Unjudged Verdict = iota
	// Sealed: every payload is.
	Sealed
	// Exposed: something was not sealed, or not by whoever sends it, or can be told from noise.
	Exposed
)

// Finding is the judgement of one stream.
type Finding struct {
	Stream  api.TapStream
	Verdict Verdict
	// Why in words: what was found, or what is missing.
	Why string
	// Notes are what else was tried, one line each.
	Notes []string
}

// fewest payloads that are judged.
const fewest = 8

// Judge looks at every stream of a tap. decoders open those of pictures; nil: pictures are not tried.
func Judge(t *api.Tap, decoders Decoders) []Finding {
	out := make([]Finding, len(t.Streams))
	for i, s := range t.Streams {
		out[i] = judge(s, decoders)
	}
	return out
}

func judge(s api.TapStream, decoders Decoders) Finding {
	f := Finding{Stream: s}
	switch {
	case s.Packets == 0:
		f.Why = "nothing was sent"
		return f
	case s.Payloads == 0:
		f.Why = fmt.Sprintf("%d packets of %s, which cannot be read here", s.Packets, s.Codec)
		return f
	case s.Sealed != s.Payloads:
		f.Verdict = Exposed
		f.Why = fmt.Sprintf("NOT SEALED: %d of %d payloads", s.Payloads-s.Sealed, s.Payloads)
		return f
	case s.Payloads < fewest:
		f.Why = fmt.Sprintf("%d payloads are too few to judge", s.Payloads)
		return f
	}
	if why := heads(s); why != "" {
		f.Verdict, f.Why = Exposed, why
		return f
	}
	f.Verdict, f.Why = Sealed, fmt.Sprintf("sealed: every one of %d payloads", s.Payloads)
	if n := len(s.Heads); uint64(n) < s.Payloads {
		f.Why = fmt.Sprintf("sealed: %d payloads, the first %d of them read here", s.Payloads, n)
	}
	for _, try := range []func(api.TapStream, Decoders) trial{noise, plain} {
		switch t := try(s, decoders); {
		case t.exposes:
			f.Verdict, f.Why = Exposed, t.note
		case t.note != "":
			f.Notes = append(f.Notes, t.note)
		}
	}
	return f
}

// trial is what came of trying something with a stream.
type trial struct {
	note    string
	exposes bool
}

// heads holds every payload to be sealed by the sender of the stream, under a counter of its own. What it answers is what
// is wrong; empty for nothing.
func heads(s api.TapStream) string {
	if len(s.Heads) == 0 {
		return "NOT SEALED: payloads look so, and their counters do not count, or one was used twice"
	}
	type use struct{ id, counter uint64 }
	used := make(map[use]bool, len(s.Heads))
	for _, h := range s.Heads {
		got, err := tap.Header(media.CodecName(s.Codec), kindOf(s.Source), append(append([]byte{}, h.First...), h.Last...))
		switch {
		case err != nil:
			return "NOT SEALED: a payload cannot be read as a sealed one"
		case !isOf(sframe.KeyID(got.KeyID), s.Sender):
			return "NOT SEALED by its sender: a payload names another"
		case used[use{got.KeyID, got.Counter}]:
			return fmt.Sprintf("SEALED TWICE under one counter (%d): that gives payloads away", got.Counter)
		}
		used[use{got.KeyID, got.Counter}] = true
	}
	return ""
}

func isOf(id sframe.KeyID, s *api.TapSender) bool {
	switch {
	case s == nil:
		return false
	case s.Leaf != nil:
		return !id.Grantee() && id.Leaf() == int(*s.Leaf)
	case s.Grant == nil || s.Line == nil:
		return false
	default:
		return id.Grantee() && id.Grant() == int(*s.Grant%(sframe.MaxTrack+1)) && id.Leg() == int(*s.Line)
	}
}

func kindOf(source string) sframe.Kind {
	for name, kind := range map[string]sframe.Kind{
		media.Microphone.String(): sframe.Audio, media.Camera.String(): sframe.Video,
		media.Screen.String(): sframe.Screen, media.ScreenAudio.String(): sframe.ScreenAudio,
	} {
		if source == name {
			return kind
		}
	}
	return 0
}
