package configs

import (
	"encoding"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"

	"legroom/internal/fault"
)

// decoder reads a YAML tree over a struct. It goes on after a fault, so that all are found, and remembers where each
// field stands, so that Validate's faults can be placed too. Scalars are taken as they are written: a PIN of 0042 keeps
// its zeros.
type decoder struct {
	at     map[string]*token.Position
	faults []Fault
}

// defaulted is a list item with defaults of its own.
type defaulted interface{ SetDefaults() }

func (d *decoder) decode(n ast.Node, into any) {
	if n == nil {
		return
	}
	d.value(n, reflect.ValueOf(into).Elem(), "")
}

func (d *decoder) fail(t *token.Token, path, format string, args ...any) {
	f := Fault{Path: path, Msg: fmt.Sprintf(format, args...)}
	if t != nil && t.Position != nil {
		f.Line, f.Column = t.Position.Line, t.Position.Column
	}
	d.faults = append(d.faults, f)
}

// invalid places a fault of Validate at its field, or at the nearest thing around it that the file has.
func (d *decoder) invalid(f *fault.Fault) {
	out := Fault{Path: f.Path, Msg: f.Msg}
	for path := f.Path; path != ""; path = parent(path) {
		if p := d.at[path]; p != nil {
			out.Line, out.Column = p.Line, p.Column
			break
		}
	}
	for _, known := range d.faults { // a value that could not be read is not told of twice
		if known.Path == f.Path {
			return
		}
	}
	d.faults = append(d.faults, out)
}

func parent(path string) string {
	if i := strings.LastIndexAny(path, ".["); i > 0 {
		return path[:i]
	}
	return ""
}

func (d *decoder) value(n ast.Node, v reflect.Value, path string) {
	d.at[path] = n.GetToken().Position
	switch n := n.(type) {
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode:
		d.fail(n.GetToken(), path, "anchors, aliases and tags are not taken here")
		return
	case *ast.NullNode:
		if v.Kind() != reflect.Slice && !isSection(v) {
			d.fail(n.GetToken(), path, "has no value; leave it out for the default")
		}
		return
	}
	switch {
	case isSection(v):
		d.section(n, v, path)
	case v.Kind() == reflect.Slice:
		d.list(n, v, path)
	default:
		d.scalar(n, v, path)
	}
}

// isSection tells a struct of fields from one that is written as a word, such as an IP address.
func isSection(v reflect.Value) bool {
	_, text := v.Addr().Interface().(encoding.TextUnmarshaler)
	return v.Kind() == reflect.Struct && !text
}

func (d *decoder) section(n ast.Node, v reflect.Value, path string) {
	values, ok := mapping(n)
	if !ok {
		d.fail(n.GetToken(), path, "must be a section of its own: names with values, indented")
		return
	}
	fields := fieldsOf(v)
	seen := map[string]bool{}
	for _, kv := range values {
		key := kv.Key.GetToken().Value
		at := key
		if path != "" {
			at = path + "." + key
		}
		field, ok := fields[key]
		switch {
		case !ok:
			d.fail(kv.Key.GetToken(), at, "no such setting%s", hint(key, fields))
		case seen[key]:
			d.fail(kv.Key.GetToken(), at, "is set twice")
		default:
			d.value(kv.Value, field, at)
			d.at[at] = kv.Key.GetToken().Position
		}
		seen[key] = true
	}
}

func mapping(n ast.Node) ([]*ast.MappingValueNode, bool) {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}, true
	default:
		return nil, false
	}
}

// fieldsOf lists the settable fields of a struct by their YAML name, those of inlined structs among them.
func fieldsOf(v reflect.Value) map[string]reflect.Value {
	out := map[string]reflect.Value{}
	for i := range v.NumField() {
		name, options, _ := strings.Cut(v.Type().Field(i).Tag.Get("yaml"), ",")
		switch {
		case options == "inline":
			for k, f := range fieldsOf(v.Field(i)) {
				out[k] = f
			}
		case name != "" && name != "-":
			out[name] = v.Field(i)
		}
	}
	return out
}

func (d *decoder) list(n ast.Node, v reflect.Value, path string) {
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		d.fail(n.GetToken(), path, "must be a list")
		return
	}
	v.SetZero()
	for i, item := range seq.Values {
		e := reflect.New(v.Type().Elem())
		if withDefaults, ok := e.Interface().(defaulted); ok {
			withDefaults.SetDefaults()
		}
		d.value(item, e.Elem(), path+"["+strconv.Itoa(i)+"]")
		v.Set(reflect.Append(v, e.Elem()))
	}
}

func (d *decoder) scalar(n ast.Node, v reflect.Value, path string) {
	text, ok := scalarText(n)
	if !ok {
		d.fail(n.GetToken(), path, "must be a single value")
		return
	}
	if want := assign(v, text); want != "" {
		d.fail(n.GetToken(), path, "must be %s", want)
	}
}

// scalarText gives a scalar as it stands in the file.
func scalarText(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return n.GetToken().Value, true
	default:
		return "", false
	}
}

// assign gives "", or what the value must be. What it was is not repeated: it may be a password on the wrong line.
func assign(v reflect.Value, text string) (want string) {
	if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		if err := u.UnmarshalText([]byte(text)); err != nil {
			return readable(v, err)
		}
		return ""
	}
	if v.Type() == reflect.TypeFor[time.Duration]() {
		length, ok := lengthOf(text)
		if !ok {
			return "a time such as 500ms, 20s or 10m"
		}
		v.SetInt(int64(length))
		return ""
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Bool:
		if text != "true" && text != "false" {
			return "true or false"
		}
		v.SetBool(text == "true")
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		i, err := strconv.ParseInt(text, 10, v.Type().Bits())
		if err != nil {
			return "a whole number"
		}
		v.SetInt(i)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		u, err := strconv.ParseUint(text, 10, v.Type().Bits())
		if err != nil {
			return fmt.Sprintf("a whole number from 0 to %d", uint64(1)<<v.Type().Bits()-1)
		}
		v.SetUint(u)
	case reflect.Float64:
		f, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return "a number"
		}
		v.SetFloat(f)
	default:
		panic("configs: no reader for " + v.Type().String())
	}
	return ""
}

// lengthOf reads a length of time as Go writes it, or whole days: 30d.
func lengthOf(text string) (time.Duration, bool) {
	const day = 24 * time.Hour
	if days, ok := strings.CutSuffix(text, "d"); ok {
		n, err := strconv.ParseUint(days, 10, 16)
		return time.Duration(n) * day, err == nil
	}
	length, err := time.ParseDuration(text)
	return length, err == nil
}
