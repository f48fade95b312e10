package arch

import (
	"bytes"
	"go/ast"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Stops, not aims: docs/architecture.md section 7 and 10.
const (
	maxLines     = 600
	maxTSLines   = 300
	maxFields    = 15
	maxMethods   = 6
	maxFuncLines = 80
)

func TestFilesStop(t *testing.T) {
	all, _ := sources(t)
	for _, s := range all {
		if !s.made() && s.lines() > maxLines {
			t.Errorf("%s has %d lines, the stop is %d", s.path, s.lines(), maxLines)
		}
	}
	walk(t, func(path string) {
		var stop int
		switch filepath.Ext(path) {
		case ".ts", ".tsx", ".mjs", ".css":
			stop = maxTSLines
		case ".sh":
			stop = maxLines
		default:
			return
		}
		text, err := os.ReadFile(filepath.Join(root, path))
		if err != nil {
			t.Fatal(err)
		}
		if n := bytes.Count(text, []byte("\n")); n > stop && !bytes.Contains(text[:min(len(text), 400)], []byte("DO NOT EDIT")) {
			t.Errorf("%s has %d lines, the stop is %d", path, n, stop)
		}
	})
}

func TestTypesAndFunctionsStop(t *testing.T) {
	all, set := sources(t)
	for _, s := range all {
		if s.made() || s.test() {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.TypeSpec:
				typeStops(t, set, n)
			case *ast.FuncDecl:
				lines := set.Position(n.End()).Line - set.Position(n.Pos()).Line + 1
				if lines > maxFuncLines {
					t.Errorf("%s: func %s has %d lines, the stop is %d", set.Position(n.Pos()), n.Name.Name, lines, maxFuncLines)
				}
			}
			return true
		})
	}
}

func typeStops(t *testing.T, set *token.FileSet, n *ast.TypeSpec) {
	t.Helper()
	switch kind := n.Type.(type) {
	case *ast.StructType:
		if fields := kind.Fields.NumFields(); fields > maxFields {
			t.Errorf("%s: struct %s has %d fields, the stop is %d", set.Position(n.Pos()), n.Name.Name, fields, maxFields)
		}
	case *ast.InterfaceType:
		if methods := kind.Methods.NumFields(); methods > maxMethods {
			t.Errorf("%s: interface %s has %d methods, the stop is %d", set.Position(n.Pos()), n.Name.Name, methods, maxMethods)
		}
	}
}

func TestNamesSayWhatThingsAre(t *testing.T) {
	empty := []string{"utils", "util", "helper", "helpers", "common", "types", "manager", "misc", "base"}
	all, _ := sources(t)
	for _, s := range all {
		file := strings.TrimSuffix(strings.TrimSuffix(filepath.Base(s.path), ".go"), "_test")
		if slices.Contains(empty, s.file.Name.Name) || slices.Contains(empty, file) {
			t.Errorf("%s: a name that says nothing", s.path)
		}
	}
}
