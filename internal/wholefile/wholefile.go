// Package wholefile writes files that a full disk or a power cut leaves as they were or whole, never half.
package wholefile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// File is one file to be written.
type File struct {
	// Path of the file; its folder is there already.
	Path string
	// Data is all it is to hold.
	Data []byte
	// Mode of the file; 0 is 0600.
	Mode fs.FileMode
}

// Error tells which file could not be written.
type Error struct {
	// Path of the file, or of its folder.
	Path string
	// Err of the operating system.
	Err error
}

// Error names the file and the trouble.
func (e *Error) Error() string { return fmt.Sprintf("write %s: %v", e.Path, e.Err) }

// Unwrap gives the error of the operating system.
func (e *Error) Unwrap() error { return e.Err }

// Write puts files that belong together in place: all are written aside, and are on the disk, before the first takes its
// name. When it fails up to there all are as they were, and nothing is left beside them. Errors: *Error.
func Write(files ...File) error {
	aside := make([]string, 0, len(files))
	defer func() {
		for _, path := range aside {
			_ = os.Remove(path) // gone already when all went well
		}
	}()
	for _, f := range files {
		path, err := writeAside(f)
		if err != nil {
			return &Error{Path: f.Path, Err: err}
		}
		aside = append(aside, path)
	}
	for i, f := range files {
		if err := os.Rename(aside[i], f.Path); err != nil {
			return &Error{Path: f.Path, Err: err}
		}
	}
	for _, f := range files {
		if err := syncFolder(filepath.Dir(f.Path)); err != nil {
			return &Error{Path: filepath.Dir(f.Path), Err: err}
		}
	}
	return nil
}

// Probe tells whether files can be written to a folder. Errors: *Error.
func Probe(folder string) error {
	path, err := writeAside(File{Path: filepath.Join(folder, ".writable"), Data: make([]byte, 4096)})
	if err == nil {
		err = os.Remove(path)
	}
	if err != nil {
		return &Error{Path: folder, Err: err}
	}
	return nil
}

// writeAside writes a file beside its place, under a name of its own, and gives that.
func writeAside(f File) (string, error) {
	tmp, err := os.CreateTemp(filepath.Dir(f.Path), filepath.Base(f.Path)+".*") // mode 0600
	if err != nil {
		return "", err
	}
	_, err = tmp.Write(f.Data)
	if err == nil && f.Mode != 0 {
		err = tmp.Chmod(f.Mode)
	}
	if err = errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		_ = os.Remove(tmp.Name())
		return "", err
	}
	return tmp.Name(), nil
}

// syncFolder has new names outlast a power cut. Some file systems cannot, and say so by EINVAL.
func syncFolder(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = dir.Close() }()
	if err := dir.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) {
		return err
	}
	return nil
}
