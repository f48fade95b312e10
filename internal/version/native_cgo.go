//go:build cgo

package version

// native are C libraries that a build with cgo links.
func native() []Module {
	return []Module{{Path: "libopus", Version: "of the system", Licence: "BSD-3-Clause"}}
}
