package gateway

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
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

// stateDir is that folder. Only its owner can read it: it holds keys, PINs and links.
type stateDir string

// openStateDir makes the folder and proves that it can be written, so that a full disk is found at the start.
func openStateDir(path string) (stateDir, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return "", &StateError{Path: path, Err: err}
	}
	d := stateDir(path)
	if err := d.write(".writable", make([]byte, 4096)); err != nil {
		return "", err
	}
	if err := os.Remove(filepath.Join(path, ".writable")); err != nil {
		return "", &StateError{Path: path, Err: err}
	}
	return d, nil
}

func (d stateDir) file(name string) string { return filepath.Join(string(d), name) }

// write puts a file in place whole or not at all.
func (d stateDir) write(name string, data []byte) error {
	path := d.file(name)
	tmp, err := os.CreateTemp(string(d), name+".*")
	if err != nil {
		return &StateError{Path: path, Err: err}
	}
	_, err = tmp.Write(data)
	err = errors.Join(err, tmp.Sync(), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		_ = os.Remove(tmp.Name())
		return &StateError{Path: path, Err: err}
	}
	return nil
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
		return &StateError{Path: d.file(name), Err: errors.New("is damaged; restore it, or remove it to have it made anew")}
	}
	return nil
}

func (d stateDir) writeJSON(name string, v any) error {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return &StateError{Path: d.file(name), Err: err}
	}
	return d.write(name, append(data, '\n'))
}
