package arch

import (
	"go/ast"
	"slices"
	"strings"
	"testing"
)

// codecs are the packages that make sound of packets.
var codecs = []string{"transcode", "audio/opus", "audio/g711", "audio/g722"}

// mayDecode are the packages that use them, each with its reason. What carries, keeps or distributes media and keys of
// encrypted rooms is not among them: gateway/meeting, gateway/api, peer and e2ee have nothing to decode with.
var mayDecode = map[string]string{
	"transcode":        "it is the way to the codecs",
	"rooms":            "it decodes ClearTracks: see clear_test.go",
	"gateway":          "it writes plans down; see TestOnlyRoomsDecode",
	"gateway/trial":    "it plays a telephone that calls this gateway",
	"gateway/selftest": "it looks whether what it captured is sound in clear",
	"prompts":          "it keeps prompts in codecs",
	"prompts/generate": "it makes them",
	"sip/siptest":      "a scripted telephone, for tests",
}

func TestFewKnowCodecs(t *testing.T) {
	for _, p := range packages(t) {
		name := local(p.ImportPath)
		if mayDecode[name] != "" || strings.HasPrefix(name, "test/") || strings.HasPrefix(name, "scripts/") {
			continue
		}
		for _, path := range p.Imports {
			if slices.Contains(codecs, local(path)) {
				t.Errorf("%s imports %s: it has nothing to decode", name, path)
			}
		}
	}
}

// uses say who may name something of another package, beside that package and tests. A type that is written down is not
// the only way to a value of it, so the methods that give one are here as well.
var uses = []struct {
	pkg, name string
	method    bool // of any value: in packages that import pkg
	may       []string
}{
	{"transcode", "NewDecode", false, []string{"rooms", "gateway/trial"}},
	{"e2ee", "Opener", false, []string{"rooms"}},
	{"e2ee", "Sealer", false, []string{"rooms"}},
	{"e2ee", "Opener", true, []string{"rooms"}},
	{"e2ee", "Sealer", true, []string{"rooms"}},
	{"e2ee/sframe", "NewOpener", false, []string{"e2ee", "e2ee/visitor"}},
	{"e2ee/sframe", "NewSealer", false, []string{"e2ee"}},
	{"e2ee/sframe", "NewKey", false, nil},
}

// TestOnlyRoomsDecode finds whoever makes a decoder, or opens and seals frames, beside those who are meant to.
func TestOnlyRoomsDecode(t *testing.T) {
	all, set := sources(t)
	for _, s := range all {
		if s.test() || strings.HasPrefix(s.dir(), "test/") || strings.HasPrefix(s.dir(), "scripts/") || s.dir() == "e2ee/e2eetest" {
			continue
		}
		imported := importNames(s.file)
		ast.Inspect(s.file, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			for _, u := range uses {
				as, has := imported[u.pkg]
				if !has || sel.Sel.Name != u.name || s.dir() == u.pkg || slices.Contains(u.may, s.dir()) {
					continue
				}
				x, plain := sel.X.(*ast.Ident)
				if qualified := plain && x.Name == as; qualified != u.method {
					t.Errorf("%s: %s.%s is for %v", set.Position(sel.Pos()), u.pkg, u.name, u.may)
				}
			}
			return true
		})
	}
}

// importNames are our packages that a file imports, by what it calls them.
func importNames(f *ast.File) map[string]string {
	names := make(map[string]string)
	for _, i := range f.Imports {
		path := local(strings.Trim(i.Path.Value, `"`))
		if path == "" {
			continue
		}
		names[path] = path[strings.LastIndexByte(path, '/')+1:]
		if i.Name != nil {
			names[path] = i.Name.Name
		}
	}
	return names
}
