//go:build e2e

// Package netns gives an end-to-end test a network of its own: a namespace with nothing but a loopback device in it, so
// that nothing leaves the machine, ports never clash and every peer has only one address to choose.
package netns

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
)

const marker = "LEGROOM_E2E_NETNS"

// Enter runs the test program again inside a fresh namespace and does not return, unless it is there already.
// Call it first in TestMain. It needs root or user namespaces; without either the tests run where they are, on loopback.
func Enter() {
	if os.Getenv(marker) != "" {
		return
	}
	unshare, err := exec.LookPath("unshare")
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e: no unshare program; running on the machine's own loopback")
		return
	}
	how := "-n"
	if os.Getuid() != 0 {
		how = "-rn"
	}
	if err := exec.Command(unshare, how, "true").Run(); err != nil {
		fmt.Fprintln(os.Stderr, "e2e: no network namespace to be had; running on the machine's own loopback")
		return
	}
	script := `ip link set lo up && exec "$0" "$@"`
	args := append([]string{"unshare", how, "sh", "-c", script}, os.Args...)
	env := append(os.Environ(), marker+"=1")
	if err := syscall.Exec(unshare, args, env); err != nil {
		fmt.Fprintln(os.Stderr, "e2e: enter namespace:", err)
		os.Exit(1)
	}
}
