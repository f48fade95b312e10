//go:build !cgo

package version

func native() []Module { return nil }
