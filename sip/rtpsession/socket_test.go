package rtpsession

import (
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// TestTrafficClass: packets leave with the DSCP that is configured.
func TestTrafficClass(t *testing.T) {
	s := open(t, local(), nil)
	var tos int
	var err error
	if cerr := s.rtp.raw.Control(func(fd uintptr) { tos, err = unix.GetsockoptInt(int(fd), unix.IPPROTO_IP, unix.IP_TOS) }); cerr != nil || err != nil {
		t.Fatal(cerr, err)
	}
	if tos != 46<<2 {
		t.Errorf("tos %d, want %d", tos, 46<<2)
	}
}

// TestIPv6 sends to itself over ::1.
func TestIPv6(t *testing.T) {
	cfg := local()
	cfg.Address6 = netip.IPv6Loopback()
	s, err := New(cfg, Options{Log: slog.New(slog.DiscardHandler), Ports: NewPorts(cfg), IPv6: true})
	if errors.Is(err, syscall.EADDRNOTAVAIL) || errors.Is(err, syscall.EAFNOSUPPORT) {
		t.Skip("this machine has no IPv6")
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close(nil) })
	heard := listen(s)
	start(t, s)
	apply(t, s, agreedClear(s.LocalAddr()))
	if err := s.Write(sound(0, "six")); err != nil {
		t.Fatal(err)
	}
	until(t, "the packet over IPv6", func() bool { return heard.count() == 1 })
}

// TestFull tells a buffer without room from other trouble.
func TestFull(t *testing.T) {
	for err, want := range map[error]bool{unix.EAGAIN: true, unix.ENOBUFS: true, unix.EPERM: false, unix.ENETUNREACH: false} {
		if got := full(fmt.Errorf("send: %w", err)); got != want {
			t.Errorf("%v is full: %v", err, got)
		}
	}
}
