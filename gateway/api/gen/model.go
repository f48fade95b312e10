package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// model is what the source of package api says about its wire types.
type model struct {
	structs map[string]structDecl
	named   map[string]namedDecl
	consts  []constDecl
	// types maps the name of a message struct to its "type" on the wire.
	types map[string]string
	// client and server are the names of the message structs in source order.
	client, server []string
}

type structDecl struct {
	doc    string
	fields *ast.FieldList
}

type namedDecl struct {
	doc        string
	underlying string
}

type constDecl struct{ name, typ, value string }

// read parses the package in dir, tests left out.
func read(dir string) (*model, error) {
	m := &model{structs: map[string]structDecl{}, named: map[string]namedDecl{}, types: map[string]string{}}
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	set := token.NewFileSet()
	serverMarks := map[string]bool{}
	var order []string
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		src, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		file, err := parser.ParseFile(set, name, src, parser.ParseComments)
		if err != nil {
			return nil, err
		}
		for _, decl := range file.Decls {
			switch d := decl.(type) {
			case *ast.GenDecl:
				m.addGen(d)
			case *ast.FuncDecl:
				receiver := receiverOf(d)
				switch d.Name.Name {
				case "messageType":
					if m.types[receiver], err = returned(d); err != nil {
						return nil, err
					}
					order = append(order, receiver)
				case "fromServer":
					serverMarks[receiver] = true
				}
			}
		}
	}
	for _, name := range order {
		if serverMarks[name] {
			m.server = append(m.server, name)
		} else {
			m.client = append(m.client, name)
		}
	}
	if len(m.client) == 0 || len(m.server) == 0 {
		return nil, fmt.Errorf("no messages in %s", dir)
	}
	return m, nil
}

func (m *model) addGen(d *ast.GenDecl) {
	for _, spec := range d.Specs {
		switch s := spec.(type) {
		case *ast.TypeSpec:
			switch t := s.Type.(type) {
			case *ast.StructType:
				m.structs[s.Name.Name] = structDecl{doc: d.Doc.Text(), fields: t.Fields}
			case *ast.Ident:
				m.named[s.Name.Name] = namedDecl{doc: d.Doc.Text(), underlying: t.Name}
			}
		case *ast.ValueSpec:
			if d.Tok == token.CONST {
				m.addConst(s)
			}
		}
	}
}

func (m *model) addConst(s *ast.ValueSpec) {
	typ := ""
	if id, ok := s.Type.(*ast.Ident); ok {
		typ = id.Name
	}
	for i, name := range s.Names {
		if i < len(s.Values) {
			if lit, ok := s.Values[i].(*ast.BasicLit); ok {
				m.consts = append(m.consts, constDecl{name: name.Name, typ: typ, value: lit.Value})
			}
		}
	}
}

// constant gives the literal of a constant as TypeScript writes it.
func (m *model) constant(name string) (string, error) {
	for _, c := range m.consts {
		if c.name == name {
			return quoteLike(c.value), nil
		}
	}
	return "", fmt.Errorf("no constant %s", name)
}

// values are the constants of a named type in source order.
func (m *model) values(typ string) []constDecl {
	var out []constDecl
	for _, c := range m.consts {
		if c.typ == typ {
			out = append(out, c)
		}
	}
	return out
}

func receiverOf(d *ast.FuncDecl) string {
	if d.Recv == nil || len(d.Recv.List) == 0 {
		return ""
	}
	t := d.Recv.List[0].Type
	if star, ok := t.(*ast.StarExpr); ok {
		t = star.X
	}
	if id, ok := t.(*ast.Ident); ok {
		return id.Name
	}
	return ""
}

// returned is the string literal a one-line method returns.
func returned(d *ast.FuncDecl) (string, error) {
	if len(d.Body.List) == 1 {
		if ret, ok := d.Body.List[0].(*ast.ReturnStmt); ok && len(ret.Results) == 1 {
			if lit, ok := ret.Results[0].(*ast.BasicLit); ok {
				return strconv.Unquote(lit.Value)
			}
		}
	}
	return "", fmt.Errorf("%s.messageType must return a literal", receiverOf(d))
}
