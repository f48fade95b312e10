package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"legroom/e2ee/ledger"
)

// verifyCommand proves the log of an encrypted meeting, off line.
type verifyCommand struct {
	File string `arg:"" type:"path" help:"File with the exported log; - reads standard input."`
}

// Statuses besides 0, when everything holds.
const (
	statusContradicted = 1
	statusUnreadable   = 2
)

// verifyError is a log that does not hold, or cannot be read.
type verifyError struct {
	status int
	err    error
}

func (e *verifyError) Error() string { return e.err.Error() }
func (e *verifyError) Unwrap() error { return e.err }

// ExitCode for main.
func (e *verifyError) ExitCode() int { return e.status }

var errContradicted = errors.New("the log contradicts itself")

// Run verifies.
func (c *verifyCommand) Run() error { return c.verify(os.Stdin, os.Stdout) }

func (c *verifyCommand) verify(in io.Reader, out io.Writer) error {
	if c.File != "-" {
		f, err := os.Open(c.File)
		if err != nil {
			return &verifyError{statusUnreadable, fmt.Errorf("read log: %w", err)}
		}
		defer func() { _ = f.Close() }()
		in = f
	}
	report, err := ledger.Verify(in)
	if err != nil {
		return &verifyError{statusUnreadable, err}
	}
	if _, err := report.WriteTo(out); err != nil {
		return &verifyError{statusUnreadable, fmt.Errorf("print report: %w", err)}
	}
	if !report.Holds() {
		return &verifyError{statusContradicted, errContradicted}
	}
	return nil
}
