package arch

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const module = "legroom"

// root of the tree, from this folder.
var root = filepath.Join("..", "..")

// pkg is what `go list` says of a package.
type pkg struct {
	ImportPath string
	Imports    []string
	CgoFiles   []string
}

// name without the module: "sip/sdp", empty for a package of somebody else.
func local(path string) string {
	if rest, ok := strings.CutPrefix(path, module+"/"); ok {
		return rest
	}
	return ""
}

func packages(t *testing.T) []pkg {
	t.Helper()
	// -e: a package that does not build is somebody else's failure, its imports are still to be judged.
	cmd := exec.Command("go", "list", "-e", "-json=ImportPath,Imports,CgoFiles", "./...")
	cmd.Dir = root
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	var all []pkg
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(p.ImportPath, "/node_modules/") {
			all = append(all, p)
		}
	}
	if len(all) < 20 {
		t.Fatalf("go list found %d packages; this test looks at nothing", len(all))
	}
	return all
}

// source is one parsed Go file.
type source struct {
	// path from the root, with slashes.
	path string
	file *ast.File
	text []byte
}

func (s source) dir() string { return filepath.ToSlash(filepath.Dir(s.path)) }
func (s source) test() bool  { return strings.HasSuffix(s.path, "_test.go") }
func (s source) lines() int  { return bytes.Count(s.text, []byte("\n")) }
func (s source) made() bool  { return ast.IsGenerated(s.file) }
func (s source) main() bool  { return s.file.Name.Name == "main" }
func (s source) e2e() bool   { return strings.HasPrefix(s.path, "test/e2e/") }

// sources are all Go files of the tree, with the set they were parsed in.
func sources(t *testing.T) ([]source, *token.FileSet) {
	t.Helper()
	set := token.NewFileSet()
	var all []source
	walk(t, func(path string) {
		if !strings.HasSuffix(path, ".go") {
			return
		}
		text, err := os.ReadFile(filepath.Join(root, path))
		if err != nil {
			t.Fatal(err)
		}
		file, err := parser.ParseFile(set, path, text, parser.ParseComments)
		if err != nil {
			t.Error(err)
			return
		}
		all = append(all, source{path: path, file: file, text: text})
	})
	if len(all) < 100 {
		t.Fatalf("%d Go files found; this test looks at nothing", len(all))
	}
	return all, set
}

// walk calls f with the path of every file that is ours, from the root, with slashes.
func walk(t *testing.T, f func(path string)) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		if entry.IsDir() {
			switch rel = filepath.ToSlash(rel); {
			case rel == ".git", rel == "bin", rel == "web/dist", strings.HasSuffix(rel, "node_modules"):
				return filepath.SkipDir
			}
			return nil
		}
		f(filepath.ToSlash(rel))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
