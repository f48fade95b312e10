package arch

import (
	"slices"
	"strings"
	"testing"
)

// rule says what the packages of a folder may import of ours. An entry that ends in a slash means what lies below.
type rule struct {
	folder string
	may    []string
}

// below are the layers that legs and rooms stand on.
var below = []string{"internal/", "media", "media/", "audio", "audio/", "hwaccel", "hwaccel/", "compose", "e2ee", "e2ee/", "sip/sdp"}

// rules are the table of docs/architecture.md; the longest folder that fits counts. Arrows never point up.
var rules = []rule{
	// Layer 0.
	{"internal/", []string{"internal/"}},
	{"media", []string{"internal/"}},
	// Layer 1. A child may import its parent, not the reverse.
	{"media/", []string{"internal/", "media", "audio"}},
	{"audio", []string{"internal/", "media"}},
	{"audio/", []string{"internal/", "media", "audio"}},
	{"audio/mix", []string{"internal/", "media", "media/jitter", "audio"}},
	{"hwaccel", []string{"internal/", "media"}},
	{"hwaccel/", []string{"internal/", "media", "hwaccel"}},
	{"hwaccel/software", []string{"internal/", "media", "hwaccel", "hwaccel/ffmpeg", "hwaccel/software/"}},
	{"hwaccel/card", []string{"internal/", "media", "hwaccel", "hwaccel/ffmpeg"}},
	{"hwaccel/vaapi", []string{"internal/", "media", "hwaccel", "hwaccel/ffmpeg", "hwaccel/card"}},
	{"hwaccel/nvidia", []string{"internal/", "media", "hwaccel", "hwaccel/ffmpeg", "hwaccel/card"}},
	{"hwaccel/machine", []string{"internal/", "media", "hwaccel", "hwaccel/ffmpeg", "hwaccel/software", "hwaccel/vaapi", "hwaccel/nvidia"}},
	{"compose", []string{"internal/", "media", "hwaccel"}},
	// Groups and grants stand on sealed frames, and the frames know nothing of them.
	{"e2ee/sframe", []string{"internal/", "media"}},
	{"e2ee", []string{"internal/", "media", "e2ee/sframe"}},
	{"e2ee/", []string{"internal/", "media", "e2ee", "e2ee/sframe", "e2ee/mlsread"}},
	{"e2ee/visitor", []string{"internal/", "media", "e2ee", "e2ee/sframe", "e2ee/mlsread", "e2ee/replay"}},
	{"e2ee/ledger", []string{"internal/", "media", "e2ee", "e2ee/sframe", "e2ee/delivery", "e2ee/replay"}},
	// What is negotiated of H.264 is parameters of its payload format.
	{"sip/sdp", []string{"internal/", "media", "media/payload"}},
	// Layer 2. Legs import neither rooms nor each other nor transcode.
	{"transcode", append([]string{"transcode/"}, below...)},
	{"sip", append([]string{"sip/"}, below...)},
	{"sip/", append([]string{"sip/"}, below...)},
	{"peer", append([]string{"peer/"}, below...)},
	{"peer/", append([]string{"peer/"}, below...)},
	{"record", below},
	{"menu", below},
	{"prompts", below},
	{"prompts/", append([]string{"prompts"}, below...)},
	{"store", below},
	// Layer 3.
	{"rooms", append([]string{"transcode"}, below...)},
	// Layer 4: the Config types of all that has one.
	{"configs", append([]string{"sip", "sip/", "peer", "record", "menu", "prompts", "store", "rooms", "transcode"}, below...)},
	// Layer 5.
	{"web", nil},
	{"gateway", []string{""}},
	{"gateway/", []string{""}},
	{"cmd/", []string{""}},
	// Not in the program.
	{"scripts/", []string{"scripts/"}},
	{"test/", []string{""}},
}

// fits tells whether name is the folder, or lies below one that ends in a slash; an empty folder holds everything.
func fits(name, folder string) bool {
	return folder == "" || name == folder || strings.HasSuffix(folder, "/") && strings.HasPrefix(name, folder)
}

func ruleOf(name string) (rule, bool) {
	best, found := rule{}, false
	for _, r := range rules {
		if fits(name, r.folder) && (!found || len(r.folder) > len(best.folder)) {
			best, found = r, true
		}
	}
	return best, found
}

func TestImportsNeverPointUp(t *testing.T) {
	for _, p := range packages(t) {
		name := local(p.ImportPath)
		r, found := ruleOf(name)
		if !found {
			t.Errorf("%s has no place in the layers: give it one in docs/architecture.md and here", name)
			continue
		}
		for _, path := range p.Imports {
			to := local(path)
			if to == "" {
				continue
			}
			if !slices.ContainsFunc(r.may, func(folder string) bool { return fits(to, folder) }) {
				t.Errorf("%s imports %s", name, to)
			}
		}
	}
}

// fences say where a foreign module may be imported.
var fences = []struct {
	module string
	inside []string
	why    string
}{
	{"github.com/emiago/sipgo", []string{"sip", "sip/", "test/"}, "types of sipgo stay inside sip"},
	{"github.com/pion/webrtc", []string{"peer", "peer/", "test/", "gateway/selftest/visit"}, "types of pion/webrtc stay inside peer"},
	{"github.com/asticode", []string{"hwaccel/"}, "FFmpeg stays behind hwaccel"},
	{"github.com/go-text/typesetting", []string{"compose"}, "text is drawn in compose"},
	{"golang.org/x/image", []string{"compose"}, "text is drawn in compose"},
	{"github.com/hraban/opus", []string{"audio/opus"}, "libopus stays behind audio/opus"},
	{"github.com/fxamacker/cbor", []string{"e2ee", "e2ee/"}, "CBOR is the form of what groups sign, and of nothing else"},
	{"github.com/mattn/go-sqlite3", []string{"store"}, "SQLite stays behind store"},
	{"C", []string{"audio/opus", "hwaccel/", "store"}, "cgo lives in few places"},
	{"unsafe", []string{"hwaccel/"}, "unsafe is for the border to C, and for nothing else without a reason here"},
	{"log", []string{"cmd/", "scripts/", "test/", "prompts/generate"}, "logging goes through the slog.Logger of the Config"},
}

func TestForeignModulesStayInTheirFences(t *testing.T) {
	for _, p := range packages(t) {
		name := local(p.ImportPath)
		for _, path := range p.Imports {
			for _, f := range fences {
				if path != f.module && !strings.HasPrefix(path, f.module+"/") || f.module == "log" && path != "log" {
					continue
				}
				if !slices.ContainsFunc(f.inside, func(folder string) bool { return fits(name, folder) }) {
					t.Errorf("%s imports %s: %s", name, path, f.why)
				}
			}
		}
	}
}

func TestVocabularyLeansOnLittle(t *testing.T) {
	for _, p := range packages(t) {
		name := local(p.ImportPath)
		if name != "media" && !strings.HasPrefix(name, "internal/") {
			continue
		}
		for _, path := range p.Imports {
			first, _, _ := strings.Cut(path, "/")
			standard := !strings.Contains(first, ".")
			unit := name == "media" && path == "github.com/pion/rtp"
			if !standard && !unit {
				t.Errorf("%s imports %s; it may import the standard library only (media also pion/rtp)", name, path)
			}
		}
	}
}
