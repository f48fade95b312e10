package gateway

import (
	"errors"
	"io/fs"
	"net"

	"legroom/peer"
	"legroom/sip"
)

// Settings that name the certificates for SIP over TLS.
const (
	sipSettings  = "sip.tls.certificate and sip.tls.key"
	peerSettings = "sip.tls.peerCA"
)

// phonesError is the border where what package sip says of a certificate gets the name of its setting, and what it says
// of one it keeps in the state folder becomes trouble with that folder.
func phonesError(cfg sip.Config, err error) error {
	var trouble *sip.CertificateError
	if !errors.As(err, &trouble) {
		return err
	}
	path := trouble.Path
	var file *fs.PathError
	if errors.As(trouble.Err, &file) {
		path = file.Path // that of the key, where it is the key that is missing
	}
	out := &CertificateError{Path: path, Settings: sipSettings, Part: partCertificate, Err: trouble.Err}
	switch {
	case path == cfg.TLS.PeerCA && path != "":
		out.Settings = peerSettings
	case cfg.TLS.Certificate == "":
		return &StateError{Path: path, Err: trouble.Err}
	case path == cfg.TLS.Key && path != cfg.TLS.Certificate:
		out.Part = partKey
	}
	return out
}

// mediaError is the border where a socket of package peer that could not be opened gets the name of its setting.
func mediaError(cfg peer.Config, err error) error {
	var op *net.OpError
	if !errors.As(err, &op) || op.Addr == nil {
		return err
	}
	setting := "browsers." + op.Net
	_, port, _ := net.SplitHostPort(op.Addr.String())
	for _, turn := range []struct{ setting, network, address string }{
		{"browsers.turn.udp", "udp", cfg.TURN.UDP}, {"browsers.turn.tcp", "tcp", cfg.TURN.TCP}, {"browsers.turn.tls", "tcp", cfg.TURN.TLS},
	} {
		if _, p, _ := net.SplitHostPort(turn.address); p == port && turn.network == op.Net {
			setting = turn.setting
		}
	}
	return &ListenError{Setting: setting, Network: op.Net, Address: op.Addr.String(), Err: op.Err}
}
