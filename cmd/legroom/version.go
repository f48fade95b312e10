package main

import (
	"fmt"
	"os"
	"strings"
	"text/tabwriter"

	"legroom/hwaccel/ffmpeg"
	"legroom/hwaccel/software"
	"legroom/internal/version"
)

// versionCommand tells what this binary is made of.
type versionCommand struct{}

// Run prints it.
func (versionCommand) Run() error {
	licence := "Apache-2.0"
	if strings.HasPrefix(ffmpeg.Licence(), "GPL") {
		licence += "; this binary links x264 and is as a whole under the " + ffmpeg.Licence()
	}
	fmt.Printf("Legroom %s (%s), built with %s\n\nLinked:\n", version.Number(), licence, version.GoVersion())
	w := tabwriter.NewWriter(os.Stdout, 0, 4, 2, ' ', 0)
	for _, l := range version.Libraries() {
		fmt.Fprintf(w, "  %s\t%s\t%s\n", l.Path, l.Version, l.Licence)
	}
	for _, l := range append(ffmpeg.Libraries(), software.Libraries()...) {
		fmt.Fprintf(w, "  %s\t%s\t%s\n", l.Name, l.Version, l.Licence)
	}
	for _, m := range version.Modules() {
		fmt.Fprintf(w, "  %s\t%s\t%s\n", m.Path, m.Version, m.Licence)
	}
	return w.Flush()
}
