package version

// Libraries lists what is linked that is no Go module, beside the C library of the system.
func Libraries() []Module {
	return append([]Module{{Path: "Go standard library", Version: GoVersion(), Licence: "BSD-3-Clause"}}, native()...)
}
