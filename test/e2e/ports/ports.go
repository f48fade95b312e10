//go:build e2e

// Package ports finds ports for the processes of a test. They lie below those that the system gives to whoever connects,
// so that nobody takes one between its choice and its use.
package ports

import (
	"fmt"
	"math/rand/v2"
	"net"
	"testing"
)

const first, last = 10000, 19999

// Free gives the first of n ports of 127.0.0.1 in a row that are free for UDP and TCP; it is even. A process that needs
// several asks once.
func Free(t *testing.T, n int) int {
	t.Helper()
	for range 1000 {
		if at := first + rand.IntN(last-first-n)&^1; allFree(at, n) {
			return at
		}
	}
	t.Fatalf("no %d free ports in a row", n)
	return 0
}

func allFree(at, n int) bool {
	for port := at; port < at+n; port++ {
		if !free(port) {
			return false
		}
	}
	return true
}

func free(port int) bool {
	address := fmt.Sprintf("127.0.0.1:%d", port)
	l, err := net.Listen("tcp", address)
	if err != nil {
		return false
	}
	defer l.Close()
	u, err := net.ListenPacket("udp", address)
	if err != nil {
		return false
	}
	u.Close()
	return true
}
