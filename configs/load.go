package configs

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"legroom/internal/fault"
)

// maxFileBytes bounds what is read; a thousand rooms take a tenth of it.
const maxFileBytes = 4 << 20

// Fault is one thing wrong with a configuration file.
type Fault struct {
	// Line and Column count from 1; 0 when the whole file is meant.
	Line, Column int
	// Path of the field, empty for what is no field.
	Path string
	// Msg says what is wrong and what would be right.
	Msg string
}

// Error is everything wrong with a configuration file.
type Error struct {
	// File as it was named.
	File string
	// Faults in the order of the file; at least one.
	Faults []Fault
}

// Error gives one line for each fault: file:line:column: path: message.
func (e *Error) Error() string {
	lines := make([]string, len(e.Faults))
	for i, f := range e.Faults {
		at := e.File
		if f.Line > 0 {
			at = fmt.Sprintf("%s:%d:%d", e.File, f.Line, f.Column)
		}
		if f.Path != "" {
			at += ": " + f.Path
		}
		lines[i] = at + ": " + f.Msg
	}
	return strings.Join(lines, "\n")
}

// Load reads a configuration file over the defaults.
// Errors: *Error with all faults; the operating system's when the file cannot be read.
func Load(path string) (Config, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return Config{}, fmt.Errorf("configs: read configuration: %w", err)
	}
	return Parse(path, data)
}

// Parse reads the text of a configuration file over the defaults. name stands in the errors.
func Parse(name string, data []byte) (Config, error) {
	c := Default()
	if len(data) > maxFileBytes {
		return Config{}, &Error{File: name, Faults: []Fault{{Msg: fmt.Sprintf("longer than %d bytes", maxFileBytes)}}}
	}
	file, err := parser.ParseBytes(data, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		return Config{}, &Error{File: name, Faults: []Fault{syntaxFault(err)}}
	}
	d := &decoder{at: map[string]*token.Position{}}
	switch len(file.Docs) {
	case 0:
	case 1:
		d.decode(file.Docs[0].Body, &c)
	default:
		d.fail(file.Docs[1].GetToken(), "", "a configuration is one document")
	}
	for _, f := range fault.All(c.Validate()) {
		d.invalid(f)
	}
	if len(d.faults) > 0 {
		slices.SortStableFunc(d.faults, func(a, b Fault) int {
			if a.Line != b.Line {
				return a.Line - b.Line
			}
			return a.Column - b.Column
		})
		return Config{}, &Error{File: name, Faults: d.faults}
	}
	return c, nil
}

// positioned is what goccy/go-yaml's syntax errors offer.
type positioned interface {
	error
	GetToken() *token.Token
	GetMessage() string
}

func syntaxFault(err error) Fault {
	var at positioned
	if errors.As(err, &at) {
		f := Fault{Msg: "not YAML: " + at.GetMessage()}
		if t := at.GetToken(); t != nil && t.Position != nil {
			f.Line, f.Column = t.Position.Line, t.Position.Column
		}
		return f
	}
	return Fault{Msg: "not YAML"}
}
