package arch

import (
	"bytes"
	"go/ast"
	"go/token"
	"regexp"
	"strings"
	"testing"
)

// stateful are the package-level variables that may change, each with its reason.
var stateful = map[string]string{
	"hwaccel/ffmpeg.logs": "FFmpeg has one log for the whole process",
}

// TestNoPackageState finds package-level variables that some function changes, and those of a type whose only use is to
// be changed. What is set once where it is declared is a constant that Go cannot write as one.
func TestNoPackageState(t *testing.T) {
	all, set := sources(t)
	variables := make(map[string]map[string]bool)
	for _, s := range all {
		if s.test() || s.made() {
			continue
		}
		if variables[s.dir()] == nil {
			variables[s.dir()] = make(map[string]bool)
		}
		for _, spec := range packageVars(s.file) {
			for _, name := range spec.Names {
				variables[s.dir()][name.Name] = true
				if changing(spec.Type) && stateful[s.dir()+"."+name.Name] == "" {
					t.Errorf("%s: %s is state of the package", set.Position(name.Pos()), name.Name)
				}
			}
		}
	}
	for _, s := range all {
		if s.test() || s.made() {
			continue
		}
		for _, name := range changed(s.file, variables[s.dir()]) {
			if stateful[s.dir()+"."+name.Name] == "" {
				t.Errorf("%s: %s, a variable of the package, is changed", set.Position(name.Pos()), name.Name)
			}
		}
	}
}

func packageVars(f *ast.File) []*ast.ValueSpec {
	var all []*ast.ValueSpec
	for _, d := range f.Decls {
		if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.VAR {
			for _, spec := range g.Specs {
				all = append(all, spec.(*ast.ValueSpec))
			}
		}
	}
	return all
}

// changing tells whether a type of sync or sync/atomic is named; a pool only saves work and is no state.
func changing(kind ast.Expr) bool {
	found := false
	if kind == nil {
		return false
	}
	ast.Inspect(kind, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			x, ok := sel.X.(*ast.Ident)
			found = found || ok && (x.Name == "sync" || x.Name == "atomic") && sel.Sel.Name != "Pool"
		}
		return true
	})
	return found
}

// changed lists the places in functions where one of the variables, or a part of it, is assigned to.
func changed(f *ast.File, variables map[string]bool) []*ast.Ident {
	var found []*ast.Ident
	note := func(e ast.Expr) {
		if name := base(e); name != nil && name.Name != "_" && variables[name.Name] && !shadowed(f, name) {
			found = append(found, name)
		}
	}
	for _, d := range f.Decls {
		body, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		ast.Inspect(body, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				if n.Tok != token.DEFINE {
					for _, e := range n.Lhs {
						note(e)
					}
				}
			case *ast.IncDecStmt:
				note(n.X)
			}
			return true
		})
	}
	return found
}

// base is the variable that an assignable expression is a part of.
func base(e ast.Expr) *ast.Ident {
	for {
		switch x := e.(type) {
		case *ast.Ident:
			return x
		case *ast.SelectorExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		default:
			return nil
		}
	}
}

// shadowed tells whether the name means something declared inside the file other than a variable of the package.
func shadowed(f *ast.File, name *ast.Ident) bool {
	// The resolution inside one file is all that is asked, and needs no type checker.
	object := name.Obj
	return object != nil && f.Scope.Lookup(name.Name) != object
}

func TestGoroutinesAreAccountedFor(t *testing.T) {
	all, _ := sources(t)
	starts, checks, used := make(map[string]string), make(map[string]bool), make(map[string]bool)
	for _, s := range all {
		if s.test() {
			checks[s.dir()] = checks[s.dir()] || bytes.Contains(s.text, []byte("goleak.Verify"))
			continue
		}
		for _, i := range s.file.Imports {
			used[local(strings.Trim(i.Path.Value, `"`))] = true
		}
		// A program's goroutines end with it.
		if !s.main() && startsGoroutine(s.file) {
			starts[s.dir()] = s.path
		}
	}
	for dir, path := range starts {
		// What only tests import (a scripted phone, a suite) is looked at by the tests that use it.
		if !checks[dir] && used[dir] && !strings.HasPrefix(dir, "test/") {
			t.Errorf("%s starts goroutines and no test of package %s looks for leaks: goleak.VerifyTestMain", path, dir)
		}
	}
}

func startsGoroutine(f *ast.File) bool {
	found := false
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			found = true
		case *ast.CallExpr:
			// run.Group.Go, sync.WaitGroup.Go
			sel, ok := n.Fun.(*ast.SelectorExpr)
			found = found || ok && sel.Sel.Name == "Go"
		}
		return !found
	})
	return found
}

// TestTestsDoNotSleep finds time.Sleep in tests outside a bubble of testing/synctest, in which it takes no time.
func TestTestsDoNotSleep(t *testing.T) {
	all, set := sources(t)
	for _, s := range all {
		if !s.test() && !s.e2e() {
			continue
		}
		var bubbles []ast.Node
		ast.Inspect(s.file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			switch {
			case calls(call, "synctest", "Test"):
				bubbles = append(bubbles, call)
			case calls(call, "time", "Sleep") && !within(bubbles, call):
				t.Errorf("%s: a test waits on a condition, not on the clock", set.Position(call.Pos()))
			}
			return true
		})
	}
}

func calls(call *ast.CallExpr, pkg, name string) bool {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	x, ok := sel.X.(*ast.Ident)
	return ok && x.Name == pkg && sel.Sel.Name == name
}

func within(bubbles []ast.Node, n ast.Node) bool {
	for _, b := range bubbles {
		if b.Pos() <= n.Pos() && n.End() <= b.End() {
			return true
		}
	}
	return false
}

// unfinished are the words by which people leave work to others.
var unfinished = regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME|X` + `XX|HA` + `CK)\b`)

func TestNothingIsLeftForLater(t *testing.T) {
	all, set := sources(t)
	for _, s := range all {
		for _, group := range s.file.Comments {
			for _, c := range group.List {
				if unfinished.MatchString(c.Text) {
					t.Errorf("%s: %s", set.Position(c.Pos()), c.Text)
				}
			}
		}
	}
}

func TestNoInit(t *testing.T) {
	all, set := sources(t)
	for _, s := range all {
		for _, d := range s.file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
				t.Errorf("%s: nothing happens before main", set.Position(f.Pos()))
			}
		}
	}
}
