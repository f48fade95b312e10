package arch

import (
	"go/ast"
	"go/token"
	"strings"
	"testing"
)

// share of exports that bear a doc comment.
const docShare = 0.95

func TestExportsAreDocumented(t *testing.T) {
	all, set := sources(t)
	documented, bare := 0, []string(nil)
	packageDoc := make(map[string]bool)
	for _, s := range all {
		if s.test() || s.made() {
			continue
		}
		packageDoc[s.dir()] = packageDoc[s.dir()] || s.file.Doc != nil
		if s.main() {
			continue
		}
		for _, e := range exports(s.file) {
			if e.doc {
				documented++
			} else {
				bare = append(bare, set.Position(e.pos).String()+" "+e.name)
			}
		}
	}
	if got := float64(documented) / float64(documented+len(bare)); got < docShare {
		t.Errorf("%.1f %% of %d exports have a doc comment, want %.0f %%; without:\n%s",
			100*got, documented+len(bare), 100*docShare, strings.Join(bare, "\n"))
	}
	for dir, has := range packageDoc {
		if !has {
			t.Errorf("package %s has no package comment", dir)
		}
	}
}

type export struct {
	name string
	pos  token.Pos
	doc  bool
}

// exports of a file: functions, methods of exported types, types, constants and variables. A comment on a group counts
// for what is in it.
func exports(f *ast.File) []export {
	var all []export
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Name.IsExported() && (d.Recv == nil || ast.IsExported(receiver(d))) {
				all = append(all, export{d.Name.Name, d.Pos(), d.Doc != nil})
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				all = append(all, specExports(d, spec)...)
			}
		}
	}
	return all
}

func specExports(group *ast.GenDecl, spec ast.Spec) []export {
	switch spec := spec.(type) {
	case *ast.TypeSpec:
		if spec.Name.IsExported() {
			return []export{{spec.Name.Name, spec.Pos(), spec.Doc != nil || group.Doc != nil}}
		}
	case *ast.ValueSpec:
		for _, name := range spec.Names {
			if name.IsExported() {
				return []export{{name.Name, spec.Pos(), spec.Doc != nil || spec.Comment != nil || group.Doc != nil}}
			}
		}
	}
	return nil
}

// receiver is the name of the type that a method belongs to.
func receiver(d *ast.FuncDecl) string {
	kind := d.Recv.List[0].Type
	for {
		switch k := kind.(type) {
		case *ast.StarExpr:
			kind = k.X
		case *ast.IndexExpr:
			kind = k.X
		case *ast.IndexListExpr:
			kind = k.X
		case *ast.Ident:
			return k.Name
		default:
			return ""
		}
	}
}
