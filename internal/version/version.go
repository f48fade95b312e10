// Package version says what this binary is and what is linked into it.
package version

import (
	"runtime/debug"
	"slices"
	"strings"
)

// release is the number of the next or the last release.
const release = "0.1.0"

// Number is the release, and the commit it was built from where that is known: "0.1.0+3d13841ab".
func Number() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return release
	}
	number := release
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision" && len(s.Value) >= 9:
			number += "+" + s.Value[:9]
		case s.Key == "vcs.modified" && s.Value == "true":
			number += ".modified"
		}
	}
	return number
}

// Module is one Go module that is linked.
type Module struct {
	// Path and Version as in go.mod.
	Path, Version string
	// Licence by its SPDX name; empty when it is not known here.
	Licence string
}

// Modules lists the Go modules that are linked, in order of their path.
func Modules() []Module {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return nil
	}
	var out []Module
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		out = append(out, Module{Path: m.Path, Version: m.Version, Licence: licenceOf(m.Path)})
	}
	slices.SortFunc(out, func(a, b Module) int { return strings.Compare(a.Path, b.Path) })
	return out
}

// GoVersion is the toolchain's.
func GoVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		return info.GoVersion
	}
	return "unknown"
}
