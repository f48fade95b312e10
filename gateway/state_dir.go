package gateway

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"legroom/internal/wholefile"
)

// StateError tells that the folder that stays between starts cannot be used.
type StateError struct {
	// Path of the folder or of the file in it.
	Path string
	// Err of the operating system.
	Err error
}

// Error names path and trouble.
func (e *StateError) Error() string { return fmt.Sprintf("gateway: state %s: %v", e.Path, e.Err) }

// Unwrap gives the error of the operating system.
func (e *StateError) Unwrap() error { return e.Err }

// errDamaged tells of a file that is not what was written.
var errDamaged = errors.New("is damaged; restore it, or remove it to have it made anew")

// stateDir is that folder. Only its owner can read it: it holds keys, PINs and links.
type stateDir string

// openStateDir makes the folder. Whether it can be written is seen where something must be: a gateway that finds in it all
// it needs starts on a full disk too.
func openStateDir(path string) (stateDir, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return "", &StateError{Path: path, Err: err}
	}
	return stateDir(path), nil
}

// probe tells whether the folder can be written.
func (d stateDir) probe() error { return stateError(wholefile.Probe(string(d))) }

func (d stateDir) file(name string) string { return filepath.Join(string(d), name) }

// write puts files that belong together in place, all or none. Paths are those that file gives.
func (d stateDir) write(files ...wholefile.File) error { return stateError(wholefile.Write(files...)) }

// stateError is nil for nil.
func stateError(err error) error {
	var failed *wholefile.Error
	if errors.As(err, &failed) {
		return &StateError{Path: failed.Path, Err: failed.Err}
	}
	return err
}

// readJSON fills v from a file; one that is not there leaves v as it is.
func (d stateDir) readJSON(name string, v any) error {
	data, err := os.ReadFile(d.file(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return &StateError{Path: d.file(name), Err: err}
	}
	if err := json.Unmarshal(data, v); err != nil {
		return &StateError{Path: d.file(name), Err: errDamaged}
	}
	return nil
}

func (d stateDir) writeJSON(name string, v any) error {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return &StateError{Path: d.file(name), Err: err}
	}
	return d.write(wholefile.File{Path: d.file(name), Data: append(data, '\n')})
}
