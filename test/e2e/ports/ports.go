//go:build e2e

// Package ports finds ports for the processes of a test. They lie below those that the system gives to whoever connects,
// and none is given twice, so that nobody takes one between its choice and its use.
package ports

import (
	"fmt"
	"net"
	"sync"
	"testing"
)

const first, last = 10000, 19999

var (
	mu   sync.Mutex
	next = first
)

// Free gives the first of n adjacent ports of 127.0.0.1 that are free for UDP and TCP; it is even.
func Free(t *testing.T, n int) int {
	t.Helper()
	mu.Lock()
	defer mu.Unlock()
	for range (last - first) / n {
		if next+n > last {
			next = first
		}
		at := next
		next += n + n%2
		if allFree(at, n) {
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
