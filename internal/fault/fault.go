// Package fault carries configuration faults from the package that finds them to the place that knows the file.
package fault

import (
	"errors"
	"fmt"
)

// Fault is one thing wrong with a configuration.
type Fault struct {
	// Path of the field in the YAML names, dots between levels and [n] for list items: "sip.listen[1].network".
	Path string
	// Msg says what is wrong and what would be right.
	Msg string
}

// Error gives path and message.
func (f *Fault) Error() string {
	if f.Path == "" {
		return f.Msg
	}
	return f.Path + ": " + f.Msg
}

// At makes a Fault.
func At(path, format string, args ...any) error {
	return &Fault{Path: path, Msg: fmt.Sprintf(format, args...)}
}

// In puts prefix before the path of every Fault inside err, which may be joined of many; nil stays nil.
func In(prefix string, err error) error {
	var out []error
	for _, f := range All(err) {
		path := prefix
		if f.Path != "" && f.Path[0] != '[' {
			path += "."
		}
		out = append(out, &Fault{Path: path + f.Path, Msg: f.Msg})
	}
	return errors.Join(out...)
}

// All lists the Faults inside err; an error that is none becomes one without a path.
func All(err error) []*Fault {
	if err == nil {
		return nil
	}
	if f, ok := err.(*Fault); ok { //nolint:errorlint // errors.As would stop at the first; this walks the whole tree
		return []*Fault{f}
	}
	if j, ok := err.(interface{ Unwrap() []error }); ok {
		var all []*Fault
		for _, e := range j.Unwrap() {
			all = append(all, All(e)...)
		}
		return all
	}
	return []*Fault{{Msg: err.Error()}}
}
