package gateway

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"

	"legroom/configs"
	"legroom/e2ee"
	"legroom/sip"
)

// Explain turns an error of a start into a plain sentence with what to do; for one it does not know, the error itself.
func Explain(err error) string {
	var config *configs.Error
	var state *StateError
	var certificate *CertificateError
	var identity *e2ee.IdentityError
	var listen *ListenError
	var socket *sip.ListenError
	var file *fs.PathError
	switch {
	case errors.As(err, &config):
		return config.Error()
	case errors.As(err, &state):
		return explainState(state)
	case errors.As(err, &certificate):
		return explainCertificate(certificate)
	case errors.As(err, &identity):
		return explainIdentity(identity)
	case errors.As(err, &listen):
		return explainListen(listen.Setting, listen.Network, listen.Address, listen.Err)
	case errors.As(err, &socket):
		return explainListen("sip.listen", socket.Network, socket.Address, socket.Err)
	case errors.As(err, &file) && errors.Is(err, fs.ErrNotExist):
		return fmt.Sprintf("There is no file %s.", file.Path)
	case errors.As(err, &file) && errors.Is(err, fs.ErrPermission):
		return fmt.Sprintf("The file %s may not be read by user %s.", file.Path, userName())
	default:
		return err.Error()
	}
}

func explainState(e *StateError) string {
	switch {
	case errors.Is(e.Err, syscall.ENOSPC), errors.Is(e.Err, syscall.EDQUOT):
		return fmt.Sprintf("The disk of %s is full. Make room, or name another folder as stateDir.", e.Path)
	case errors.Is(e.Err, fs.ErrPermission), errors.Is(e.Err, syscall.EROFS):
		return fmt.Sprintf("The state folder %s cannot be written (%v). Let user %s write there, or name another folder as stateDir.",
			e.Path, plainOS(e.Err), userName())
	default:
		return fmt.Sprintf("The state folder cannot be used: %s: %v.", e.Path, plainOS(e.Err))
	}
}

func explainIdentity(e *e2ee.IdentityError) string {
	var file *fs.PathError
	if errors.As(e.Err, &file) {
		return fmt.Sprintf("The key of this gateway, %s, cannot be read: %v. Let user %s read it.", e.Path, plainOS(e.Err), userName())
	}
	return fmt.Sprintf("The key of this gateway, %s, %v.", e.Path, e.Err)
}

func explainCertificate(e *CertificateError) string {
	if !errors.Is(e.Err, fs.ErrNotExist) {
		return fmt.Sprintf("The %s %s cannot be used: %v. Correct %s.", e.Part, e.Path, plainOS(e.Err), e.Settings)
	}
	if e.Settings == peerSettings {
		return fmt.Sprintf("There is no certificate at %s. Put it there, correct %s, or leave it empty.", e.Path, e.Settings)
	}
	return fmt.Sprintf("There is no %s at %s. Put it there, correct %s, or leave both empty to have one made.", e.Part, e.Path, e.Settings)
}

func explainListen(setting, network, address string, err error) string {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Sprintf("Port %s (%s) is taken by another program. End it, or change %s.", address, network, setting)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Sprintf("Port %s (%s) may not be opened by user %s. Ports below 1024 need root; change %s.", address, network, userName(), setting)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return fmt.Sprintf("This machine does not have the address %s. Change %s.", address, setting)
	default:
		return fmt.Sprintf("Port %s (%s) cannot be opened: %v. See %s.", address, network, plainOS(err), setting)
	}
}

// plainOS leaves the name of the system call out.
func plainOS(err error) string {
	var number syscall.Errno
	if errors.As(err, &number) {
		return number.Error()
	}
	return err.Error()
}

func userName() string {
	if name := strings.TrimSpace(os.Getenv("USER")); name != "" {
		return name
	}
	return fmt.Sprintf("%d", os.Getuid())
}
