package sip

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"

	"legroom/internal/wholefile"
)

// Names of the own certificate in Config.StateDir.
const (
	certificateFile = "sip-certificate.pem"
	keyFile         = "sip-key.pem"
)

// ownLifetime of a certificate that we make.
const ownLifetime = 10 * 365 * 24 * time.Hour

// serverTLS gives the TLS configuration of the listeners: the configured files, or the own certificate of StateDir, which
// is made when it is not there yet. Errors: *CertificateError.
func serverTLS(cfg Config, now time.Time) (*tls.Config, error) {
	cert, key := cfg.TLS.Certificate, cfg.TLS.Key
	if cert == "" {
		cert, key = filepath.Join(cfg.StateDir, certificateFile), filepath.Join(cfg.StateDir, keyFile)
		if err := ensureOwn(cert, key, cfg.Advertise, now); err != nil {
			return nil, err
		}
	}
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		return nil, &CertificateError{Path: cert, Err: err}
	}
	if now.After(pair.Leaf.NotAfter) {
		return nil, &CertificateError{Path: cert, Err: fmt.Errorf("expired on %s", pair.Leaf.NotAfter.Format(time.DateOnly))}
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}}, nil
}

// clientTLS is used where we connect.
func clientTLS(cfg Config) (*tls.Config, error) {
	out := &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: cfg.TLS.InsecurePeers}
	if cfg.TLS.PeerCA == "" {
		return out, nil
	}
	pemData, err := os.ReadFile(cfg.TLS.PeerCA)
	if err != nil {
		return nil, &CertificateError{Path: cfg.TLS.PeerCA, Err: err}
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	if !roots.AppendCertsFromPEM(pemData) {
		return nil, &CertificateError{Path: cfg.TLS.PeerCA, Err: errors.New("no certificate in it")}
	}
	out.RootCAs = roots
	return out, nil
}

// ensureOwn makes certificate and key when neither is there. One without the other is a fault that a person should see.
func ensureOwn(cert, key, advertise string, now time.Time) error {
	_, certErr := os.Stat(cert)
	_, keyErr := os.Stat(key)
	if certErr == nil && keyErr == nil {
		return nil
	}
	for path, err := range map[string]error{cert: certErr, key: keyErr} {
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return &CertificateError{Path: path, Err: err}
		}
	}
	if (certErr == nil) != (keyErr == nil) {
		return &CertificateError{Path: cert, Err: fmt.Errorf("%s and %s belong together, one is missing: delete the other to have both made", certificateFile, keyFile)}
	}
	certPEM, keyPEM, err := makeOwn(advertise, now)
	if err != nil {
		return &CertificateError{Path: cert, Err: err}
	}
	if err := os.MkdirAll(filepath.Dir(cert), 0o700); err != nil {
		return &CertificateError{Path: cert, Err: err}
	}
	err = wholefile.Write(wholefile.File{Path: key, Data: keyPEM}, wholefile.File{Path: cert, Data: certPEM, Mode: 0o644})
	var failed *wholefile.Error
	if errors.As(err, &failed) {
		return &CertificateError{Path: failed.Path, Err: failed.Err}
	}
	return err
}

func makeOwn(advertise string, now time.Time) (certPEM, keyPEM []byte, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, nil, err
	}
	t := &x509.Certificate{
		SerialNumber:          serial,
		Subject:               pkix.Name{CommonName: "Legroom SIP"},
		NotBefore:             now.Add(-time.Hour),
		NotAfter:              now.Add(ownLifetime),
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		BasicConstraintsValid: true,
		DNSNames:              []string{"localhost"},
	}
	addNames(t, advertise)
	der, err := x509.CreateCertificate(rand.Reader, t, t, &key.PublicKey, key)
	if err != nil {
		return nil, nil, err
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}), nil
}

// addNames puts in every name and address by which this machine may be called.
func addNames(t *x509.Certificate, advertise string) {
	names := []string{advertise}
	if host, err := os.Hostname(); err == nil {
		names = append(names, host)
	}
	for _, n := range names {
		if ip := net.ParseIP(n); ip != nil {
			t.IPAddresses = append(t.IPAddresses, ip)
		} else if n != "" && n != "localhost" {
			t.DNSNames = append(t.DNSNames, n)
		}
	}
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		addrs = []net.Addr{&net.IPNet{IP: net.IPv4(127, 0, 0, 1)}}
	}
	for _, a := range addrs {
		if n, ok := a.(*net.IPNet); ok {
			t.IPAddresses = append(t.IPAddresses, n.IP)
		}
	}
}
