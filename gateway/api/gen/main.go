// Command gen writes the TypeScript form of the messages in gateway/api.
//
// It reads the Go source of that package rather than the compiled types: so doc comments come along, and the web client
// can be built where the gateway cannot.
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	source := flag.String("source", ".", "folder of package api")
	out := flag.String("out", "", "file to write; standard output when empty")
	flag.Parse()
	if err := write(*source, *out); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func write(source, out string) error {
	text, err := Generate(source)
	if err != nil {
		return err
	}
	if out == "" {
		_, err = os.Stdout.WriteString(text)
		return err
	}
	return os.WriteFile(out, []byte(text), 0o644)
}
