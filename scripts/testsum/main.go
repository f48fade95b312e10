// Command testsum reads the events of `go test -json` and prints what a person wants to see: a line for each package,
// the whole output of what failed, and how many tests passed, failed and were skipped.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
)

func main() {
	counts := flag.String("counts", "", "file to which the line 'passed failed skipped' is added, and a line '# why' for each test that failed")
	flag.Parse()
	sum, err := summarise(os.Stdin, os.Stdout)
	if err == nil && *counts != "" {
		err = sum.appendTo(*counts)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "testsum:", err)
		os.Exit(2)
	}
	if sum.broken {
		os.Exit(1)
	}
}

// event is one line of `go test -json` (see `go doc test2json`).
type event struct {
	Action, Package, Test, Output, ImportPath string
}

// sum counts the tests of a run.
type sum struct {
	passed, failed, skipped int
	// broken tells that a test or a package failed; a package can fail to build without a test of its own failing.
	broken bool
	// output of each test that is still running, by package and test; it is dropped when the test passes.
	output map[string]*strings.Builder
	// reasons are the failed tests with the last words of each, for the end of a long log.
	reasons []string
}

func summarise(in io.Reader, out io.Writer) (*sum, error) {
	s := &sum{output: make(map[string]*strings.Builder)}
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			// What the go command itself says, such as a flag it does not know, is no event.
			fmt.Fprintln(out, lines.Text())
			continue
		}
		s.take(e, out)
	}
	return s, lines.Err()
}

func (s *sum) take(e event, out io.Writer) {
	key := e.Package + " " + e.Test
	switch e.Action {
	case "output", "build-output":
		s.keep(e, key, out)
	case "build-fail":
		s.broken = true
	case "pass", "skip", "fail":
		s.end(e, key, out)
	}
}

// keep holds the output of a test until it is known how the test ended; what belongs to no test is shown at once where
// it tells how a package ended.
func (s *sum) keep(e event, key string, out io.Writer) {
	if e.Action == "build-output" {
		fmt.Fprint(out, e.Output)
		return
	}
	if e.Test == "" && (strings.HasPrefix(e.Output, "ok  \t") || strings.HasPrefix(e.Output, "FAIL\t")) {
		fmt.Fprint(out, e.Output)
		return
	}
	b := s.output[key]
	if b == nil {
		b = &strings.Builder{}
		s.output[key] = b
	}
	b.WriteString(e.Output)
}

func (s *sum) end(e event, key string, out io.Writer) {
	held := s.output[key]
	delete(s.output, key)
	if e.Action == "fail" {
		s.broken = true
		if held != nil {
			fmt.Fprint(out, held.String())
		}
	}
	if e.Test == "" {
		return
	}
	switch e.Action {
	case "pass":
		s.passed++
	case "skip":
		s.skipped++
		fmt.Fprint(out, lastReason(held, e))
	case "fail":
		s.failed++
		s.reasons = append(s.reasons, lastWords(held, e))
	}
}

// said is a line that a test wrote itself: "    call_test.go:83: what was wrong".
var said = regexp.MustCompile(`^\s*\w+\.go:\d+: `)

// lastWords is what a failed test wrote last, which says why it ended; a test that failed for its subtests' sake wrote nothing.
func lastWords(held *strings.Builder, e event) string {
	last := ""
	if held != nil {
		for line := range strings.Lines(held.String()) {
			if said.MatchString(line) {
				last = ": " + strings.TrimSpace(line)
			}
		}
	}
	return e.Package + " " + e.Test + last
}

// lastReason is the line in which a test says why it was skipped.
func lastReason(held *strings.Builder, e event) string {
	if held != nil {
		for line := range strings.Lines(held.String()) {
			if reason := strings.TrimSpace(line); strings.Contains(reason, ".go:") {
				return fmt.Sprintf("skipped %s: %s\n", e.Test, reason)
			}
		}
	}
	return fmt.Sprintf("skipped %s\n", e.Test)
}

func (s *sum) appendTo(path string) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(f, s.passed, s.failed, s.skipped); err != nil {
		return err
	}
	for _, why := range s.reasons {
		if _, err := fmt.Fprintln(f, "#", why); err != nil {
			return err
		}
	}
	return f.Close()
}
