package arch

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// What of encrypted rooms holds by types, and not by anybody's care: in package rooms a decoder is made for a ClearTrack and
// for nothing else, and there are two ways to one: its publisher's media reaches the gateway in clear, or a grant of the
// hosts opens it. Who adds a third way, or a way around, fails here.

// makers say in which function alone a value of a type of rooms comes to be.
var makers = map[string][]string{
	"ClearTrack":     {"publishedTrack", "openedTrack"},
	"asPublished":    {"publishedTrack"},
	"clearPublisher": {"Participant.inClear"},
	"unsealing":      {"newUnsealing"},
	"decoding":       {"newDecoding"},
	"sight":          {"newSight"},
	"sealing":        {"sealedVoice.begin"},
	"forwarded":      {"Participant.publication"},
}

// callers say in which function of rooms alone something is called, or named.
var callers = map[string][]string{
	"legroom/transcode.NewDecode":           {"newDecoding"},
	"legroom/transcode.NewDecodeVideo":      {"sight.open"},
	"legroom/rooms.newDecoding":             {"ClearTrack.Decoded"},
	"legroom/rooms.newSight":                {"ClearTrack.Pictures"},
	"legroom/rooms.newVideoRenditions":      {"Participant.publication"},
	"(legroom/rooms.ClearTrack).Pictures":   {"montage.place", "videoRenditions.derive"},
	"legroom/rooms.lookThrough":             {"gallery.open"},
	"legroom/rooms.newEye":                  {"lookThrough", "montage.lookAt"},
	"legroom/transcode.NewEncodeVideo":      {"videoRendition.open"},
	"legroom/rooms.newVideoRendition":       {"montage.lookAt", "videoRenditions.derive"},
	"(legroom/transcode.DecodeVideo).Write": {"newSight"},
	"legroom/rooms.publishedTrack":          {"Participant.publication"},
	"legroom/rooms.openedTrack":             {"publication.rekey"},
	"legroom/rooms.newUnsealing":            {"publication.rekey"},
	"legroom/rooms.newSealedVoice":          {"Participant.publication"},
	"legroom/rooms.newRenditions":           {"Participant.publication", "newSealedVoice"},
	"legroom/rooms.newRendition":            {"renditions.derive"},
	"(legroom/rooms.Participant).inClear":   {"Participant.publication"},
	"(legroom/rooms.Track).Subscribe":       {"newDecoding", "newSight", "newEye", "sealedVoice.begin", "feed.start", "Stream.Forward"},
	"(legroom/e2ee.Grant).Opener":           {"grants.opener"},
	"(legroom/e2ee.Grant).Sealer":           {"grants.sealer"},
	"(legroom/e2ee.Opener).Open":            {"unsealing.open"},
	"(legroom/e2ee.Sealer).Seal":            {"sealing.Write"},
	"legroom/audio/opus.NewDecoder":         {},
	"legroom/audio/g722.NewDecoder":         {},
	"legroom/e2ee/sframe.NewOpener":         {},
	"legroom/e2ee/sframe.NewKey":            {},
	"(legroom/rooms.recent).last":           {"decoding.Write", "opening.Write"},
	"(legroom/rooms.ClearTrack).Decoded":    {"publication.plugIn", "renditions.derive"},
	"(legroom/rooms.renditions).carry":      {"sealedVoice.begin"},
	"(legroom/rooms.sealedVoice).carry":     {},
	"(legroom/rooms.forwarded).carry":       {},
	"(legroom/rooms.offer).carry":           {"feed.start", "Stream.Forward"},
	"(legroom/rooms.cleartext).each":        {"decoding.Write", "newDecoding", "sight.Write"},
	"(legroom/rooms.asPublished).each":      {},
	"(legroom/rooms.unsealing).each":        {},
	"(legroom/rooms.unsealing).open":        {"unsealing.each", "unsealing.release"},
	"legroom/transcode.NewEncode":           {"broadcast.stage", "newRendition"},
	"(legroom/rooms.Room).Grant":            {},
	"(legroom/media.Fan).Add":               {"ClearTrack.Decoded", "ClearTrack.Pictures", "Track.Subscribe", "montage.lookAt"},
	"(legroom/rooms.ClearTrack).Subscribe":  {},
	"(legroom/rooms.publication).rekey":     {"Participant.Publish", "Participant.SetSender", "Participant.takeUp", "Room.rekey", "publication.withdraw"},
	"(legroom/rooms.grants).opener":         {"publication.rekey"},
	"(legroom/rooms.decoding).hand":         {"newDecoding"},
	"(legroom/transcode.Decode).Write":      {"newDecoding"},
	"(legroom/transcode.Decode).Warm":       {"newDecoding"},
	"(legroom/rooms.unsealing).follow":      {"publication.rekey"},
	"(legroom/rooms.sealedVoice).follow":    {"publication.rekey"},
	"(legroom/rooms.grants).sealer":         {"publication.rekey"},
	"(legroom/rooms.sealedVoice).begin":     {"sealedVoice.carry"},
}

// shapes say what may stand behind an interface of rooms.
var shapes = map[string][]string{
	"cleartext": {"asPublished", "unsealing"},
	"offer":     {"forwarded", "renditions", "sealedVoice", "videoRenditions"},
}

// evidence says what a function of rooms must be given, or hang on, to give one of a type.
var evidence = map[string][]string{
	"ClearTrack": {"legroom/rooms.clearPublisher", "legroom/rooms.unsealing", "legroom/rooms.ClearTrack"},
	"decoding":   {"legroom/rooms.ClearTrack"},
	"sight":      {"legroom/rooms.ClearTrack"},
	"unsealing":  {"legroom/e2ee.Opener"},
}

func TestNothingIsDecodedWithoutAReason(t *testing.T) {
	for _, fault := range clearFaults(t, exported(t, "rooms"), nil) {
		t.Error(fault)
	}
}

// TestOtherWaysAreFound adds ways to a decoder that are not there, one at a time.
func TestOtherWaysAreFound(t *testing.T) {
	below := exported(t, "rooms")
	for name, way := range map[string]string{
		"a literal":             `func way(t *Track) any { return &ClearTrack{Track: t} }`,
		"new":                   `func way() any { return new(ClearTrack) }`,
		"a variable":            `func way(t *Track) any { var c ClearTrack; c.Track = t; return &c }`,
		"a field":               `type way struct{ ClearTrack }`,
		"another type of it":    `type way ClearTrack`,
		"a zero publisher":      `func way(i media.TrackInfo) any { var by clearPublisher; return publishedTrack(by, i) }`,
		"a publisher":           `func way(p *Participant) any { return clearPublisher{p} }`,
		"somebody's request":    `func (p *Participant) way(i media.TrackInfo) any { by, _ := p.inClear(); return publishedTrack(by, i) }`,
		"a decoder":             `func way(t *Track, s media.Sink[*media.PCM]) any { d, _ := transcode.NewDecode(t.info.Codec, s); return d }`,
		"a decoder of pictures": `func way(t *Track) any { d, _ := transcode.NewDecodeVideo(transcode.DecodeVideoConfig{Codec: t.info.Codec}, nil); return d }`,
		"a sight":               `func way(t *Track) any { return &sight{track: t} }`,
		"a leg's eye":           `func way(v viewer, t *Track) any { e, _ := newEye(v, want{}, t, transcode.Plan{}, nil); return e }`,
		"a decoder, by name":    `var way = transcode.NewDecode`,
		"another cleartext":     `type way struct{}; func (way) each(p *media.Packet, use func(*media.Packet) error) error { return use(p) }`,
		"another offer": `type way struct{}
			func (way) codecFor([]media.Codec) (media.Codec, bool) { return media.Codec{}, false }
			func (way) carry(media.Codec) (*Track, func(), error) { return nil, nil, nil }`,
		"the voice of a phone":   `func way(c *ClearTrack) offer { return forwarded{c.Track} }`,
		"a function that gives":  `func way(t *Track) *ClearTrack { return nil }`,
		"an opener":              `func way(g *e2ee.Grant) any { o, _ := g.Opener(1); return o }`,
		"an opener in a closure": `func way(o *e2ee.Opener, p []byte) func() { return func() { _, _, _ = o.Open(nil, media.Opus, p) } }`,
		"a listener":             `func way(t *Track, s media.Sink[*media.Packet]) { t.Subscribe(s) }`,
	} {
		t.Run(name, func(t *testing.T) {
			text := "package rooms\n" + imports(way) + way + "\n"
			if found := clearFaults(t, below, &text); len(found) == 0 {
				t.Errorf("nobody notices\n%s", way)
			}
		})
	}
}

// imports of a text that is added to rooms.
func imports(text string) string {
	var b strings.Builder
	for name, path := range map[string]string{"media": "media", "transcode": "transcode", "e2ee": "e2ee"} {
		if strings.Contains(text, name+".") {
			fmt.Fprintf(&b, "import %q\n", module+"/"+path)
		}
	}
	return b.String()
}

// clearFaults looks at package rooms, with the text of one more file if there is one.
func clearFaults(t *testing.T, below types.Importer, more *string) []string {
	t.Helper()
	p := typed(t, "rooms", below, more)
	p.judgeMakers()
	p.judgeCallers()
	p.judgeShapes()
	p.judgeEvidence()
	return p.faults
}

// typedPackage is a package of ours with its types.
type typedPackage struct {
	set    *token.FileSet
	files  []*ast.File
	types  *types.Package
	info   *types.Info
	faults []string
}

func (p *typedPackage) fail(at token.Pos, format string, args ...any) {
	p.faults = append(p.faults, p.set.Position(at).String()+": "+fmt.Sprintf(format, args...))
}

// typed checks the types of a folder, whose imports are below it.
func typed(t *testing.T, folder string, below types.Importer, more *string) *typedPackage {
	t.Helper()
	p := &typedPackage{set: token.NewFileSet(), info: &types.Info{
		Types: make(map[ast.Expr]types.TypeAndValue), Defs: make(map[*ast.Ident]types.Object),
		Uses: make(map[*ast.Ident]types.Object), Selections: make(map[*ast.SelectorExpr]*types.Selection),
	}}
	names, err := filepath.Glob(filepath.Join(root, folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		p.parse(t, name, nil)
	}
	if len(p.files) < 20 {
		t.Fatalf("%d files in %s; this test looks at nothing", len(p.files), folder)
	}
	if more != nil {
		p.parse(t, "more.go", *more)
	}
	cfg := types.Config{Importer: below}
	if p.types, err = cfg.Check(module+"/"+folder, p.set, p.files, p.info); err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *typedPackage) parse(t *testing.T, name string, text any) {
	t.Helper()
	f, err := parser.ParseFile(p.set, name, text, 0)
	if err != nil {
		t.Fatal(err)
	}
	p.files = append(p.files, f)
}

// exported knows what the compiler says of the packages that a folder imports.
func exported(t *testing.T, folder string) types.Importer {
	t.Helper()
	cmd := exec.Command("go", "list", "-export", "-deps", "-json=ImportPath,Export", "./"+folder)
	cmd.Dir = root
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	files := make(map[string]string)
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct{ ImportPath, Export string }
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		files[p.ImportPath] = p.Export
	}
	open := func(path string) (io.ReadCloser, error) { return os.Open(files[path]) }
	return importer.ForCompiler(token.NewFileSet(), "gc", open)
}

// walkFuncs visits every node with the name of the function around it: "newFeed", "Room.step", empty outside of all.
func (p *typedPackage) walkFuncs(visit func(in string, n ast.Node)) {
	for _, f := range p.files {
		for _, d := range f.Decls {
			in := ""
			if fn, ok := d.(*ast.FuncDecl); ok {
				in = fn.Name.Name
				if fn.Recv != nil {
					in = receiver(fn) + "." + in
				}
			}
			ast.Inspect(d, func(n ast.Node) bool {
				visit(in, n)
				return true
			})
		}
	}
}

// judgeMakers finds values of a guarded type that are made elsewhere: literals, new, conversions, variables and fields,
// and types that are made of it.
func (p *typedPackage) judgeMakers() {
	p.walkFuncs(func(in string, n ast.Node) {
		switch n := n.(type) {
		case *ast.CompositeLit:
			p.made(in, n, p.info.Types[n].Type)
		case *ast.CallExpr:
			fun := p.info.Types[n.Fun]
			if id, ok := n.Fun.(*ast.Ident); ok && fun.IsBuiltin() && (id.Name == "new" || id.Name == "make") {
				p.made(in, n, deref(p.info.Types[n].Type))
			} else if fun.IsType() && !p.info.Types[n.Args[0]].IsNil() {
				p.made(in, n, deref(fun.Type))
			}
		case *ast.ValueSpec:
			for _, name := range n.Names {
				if len(n.Values) == 0 && p.info.Defs[name] != nil {
					p.made(in, n, p.info.Defs[name].Type())
				}
			}
		case *ast.Field:
			// What is handed about is a pointer; the proof of a publisher, and what is made of it, are values.
			if name := p.own(p.info.Types[n.Type].Type); name != "" && name != "clearPublisher" && name != "forwarded" && name != "asPublished" {
				p.made(in, n, p.info.Types[n.Type].Type)
			}
		case *ast.TypeSpec:
			if p.own(p.info.Types[n.Type].Type) != "" {
				p.made(in, n, p.info.Types[n.Type].Type)
			}
		}
	})
}

// made judges that a value of a type comes to be in a function.
func (p *typedPackage) made(in string, n ast.Node, kind types.Type) {
	name := p.own(kind)
	if allowed, guarded := makers[name]; guarded && !slices.Contains(allowed, in) {
		p.fail(n.Pos(), "%s is made by %v and by nothing else, here it is by %q", name, allowed, in)
	}
}

// own is the name of a type of the package, empty for others.
func (p *typedPackage) own(kind types.Type) string {
	if kind == nil {
		return ""
	}
	switch of := kind.(type) {
	case *types.Array:
		return p.own(of.Elem())
	case *types.Slice:
		return p.own(of.Elem())
	case *types.Map:
		return p.own(of.Elem())
	case *types.Chan:
		return p.own(of.Elem())
	}
	if n, ok := kind.(*types.Named); ok && n.Obj().Pkg() == p.types {
		return n.Obj().Name()
	}
	return ""
}

func deref(kind types.Type) types.Type {
	if ptr, ok := kind.(*types.Pointer); ok {
		return ptr.Elem()
	}
	return kind
}

// judgeCallers finds guarded functions that are called, or named, elsewhere, and guards of what is not there.
func (p *typedPackage) judgeCallers() {
	used := make(map[string]bool)
	p.walkFuncs(func(in string, n ast.Node) {
		id, ok := n.(*ast.Ident)
		if !ok {
			return
		}
		fn, ok := p.info.Uses[id].(*types.Func)
		if !ok {
			return
		}
		name := nameOf(fn)
		used[name] = true
		if allowed, guarded := callers[name]; guarded && !slices.Contains(allowed, in) {
			p.fail(id.Pos(), "%s is for %v and for nothing else, here it is used by %q", name, allowed, in)
		}
	})
	for name, allowed := range callers {
		if len(allowed) > 0 && !used[name] {
			p.faults = append(p.faults, name+" is guarded and not used: is it called otherwise now?")
		}
	}
}

// nameOf a function, as in callers.
func nameOf(fn *types.Func) string {
	recv := fn.Signature().Recv()
	if recv == nil {
		return fn.Pkg().Path() + "." + fn.Name()
	}
	if n, ok := deref(recv.Type()).(*types.Named); ok && n.Obj().Pkg() != nil {
		return "(" + n.Obj().Pkg().Path() + "." + n.Obj().Name() + ")." + fn.Name()
	}
	return fn.Name()
}

// judgeShapes finds types that could stand behind a guarded interface and should not.
func (p *typedPackage) judgeShapes() {
	scope := p.types.Scope()
	for face, allowed := range shapes {
		want, ok := scope.Lookup(face).Type().Underlying().(*types.Interface)
		if !ok {
			p.faults = append(p.faults, face+" is no interface")
			continue
		}
		var fit []string
		for _, name := range scope.Names() {
			kind, ok := scope.Lookup(name).(*types.TypeName)
			if ok && name != face && types.Implements(types.NewPointer(kind.Type()), want) {
				fit = append(fit, name)
			}
		}
		if slices.Sort(fit); !slices.Equal(fit, allowed) {
			p.faults = append(p.faults, fmt.Sprintf("%v stand behind %s, it should be %v", fit, face, allowed))
		}
	}
}

// judgeEvidence finds functions that give a guarded type without having been given a reason for it.
func (p *typedPackage) judgeEvidence() {
	for _, obj := range p.info.Defs {
		fn, ok := obj.(*types.Func)
		if !ok {
			continue
		}
		sig := fn.Signature()
		given := names(sig.Params())
		if sig.Recv() != nil {
			given = append(given, fullName(sig.Recv().Type()))
		}
		for i := range sig.Results().Len() {
			of := p.own(deref(sig.Results().At(i).Type()))
			reasons, guarded := evidence[of]
			if guarded && !slices.ContainsFunc(given, func(g string) bool { return slices.Contains(reasons, g) }) {
				p.fail(fn.Pos(), "%s gives a %s and is given none of %v", fn.Name(), of, reasons)
			}
		}
	}
}

func names(list *types.Tuple) []string {
	var all []string
	for i := range list.Len() {
		all = append(all, fullName(list.At(i).Type()))
	}
	return all
}

func fullName(kind types.Type) string { return types.TypeString(deref(kind), nil) }
