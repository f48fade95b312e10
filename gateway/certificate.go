package gateway

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"os"
	"slices"
	"strings"
	"time"

	"legroom/configs"
	"legroom/internal/logkey"
	"legroom/internal/wholefile"
)

// What a file of a certificate holds.
const (
	partCertificate = "certificate"
	partKey         = "key"
)

// Names and life of the certificate that is made at first start.
const (
	ownCertificate = "web.crt"
	ownKey         = "web.key"
	ownLife        = 397 * 24 * time.Hour
	// ownRenew is how long before its end it is made anew, at a start.
	ownRenew = 30 * 24 * time.Hour
)

// CertificateError tells what is wrong with a certificate or its key.
type CertificateError struct {
	// Path of the file.
	Path string
	// Settings that name it: "web.certificate and web.key".
	Settings string
	// Part is what the file holds: "certificate" or "key".
	Part string
	// Err is the trouble.
	Err error
}

// Error names the file and the trouble, never its content.
func (e *CertificateError) Error() string {
	return fmt.Sprintf("gateway: %s %s: %v", e.Part, e.Path, e.Err)
}

// Unwrap gives the trouble.
func (e *CertificateError) Unwrap() error { return e.Err }

// certificateOf reads the configured certificate, or the own one, which is made when there is none that still holds. An
// own one that is to be renewed but cannot be serves until its end.
func certificateOf(cfg configs.Web, dir stateDir, now time.Time, log *slog.Logger) (tls.Certificate, error) {
	if cfg.Certificate != "" {
		return readCertificate(cfg.Certificate, cfg.Key, now)
	}
	file, key := dir.file(ownCertificate), dir.file(ownKey)
	old, oldErr := readCertificate(file, key, now)
	if oldErr == nil && old.Leaf.NotAfter.After(now.Add(ownRenew)) && covers(old.Leaf, hostNames(cfg.Names)) {
		return old, nil
	}
	switch err := makeCertificate(dir, hostNames(cfg.Names), now); {
	case err == nil:
		return readCertificate(file, key, now)
	case oldErr == nil:
		log.Warn("web certificate cannot be renewed", logkey.Err, err, logkey.Fix, Explain(err))
		return old, nil
	default:
		return tls.Certificate{}, err
	}
}

// webSettings name the certificate for browsers.
const webSettings = "web.certificate and web.key"

func readCertificate(file, key string, now time.Time) (tls.Certificate, error) {
	for _, f := range []struct{ part, path string }{{partCertificate, file}, {partKey, key}} {
		if _, err := os.Stat(f.path); err != nil {
			return tls.Certificate{}, &CertificateError{Path: f.path, Settings: webSettings, Part: f.part, Err: err}
		}
	}
	cert, err := tls.LoadX509KeyPair(file, key)
	if err == nil && cert.Leaf.NotAfter.Before(now) {
		err = fmt.Errorf("expired on %s", cert.Leaf.NotAfter.Format(time.DateOnly))
	}
	if err != nil {
		return tls.Certificate{}, &CertificateError{Path: file, Settings: webSettings, Part: partCertificate, Err: err}
	}
	return cert, nil
}

func makeCertificate(dir stateDir, names []string, now time.Time) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return &CertificateError{Path: dir.file(ownKey), Settings: webSettings, Part: partKey, Err: err}
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return &CertificateError{Path: dir.file(ownCertificate), Settings: webSettings, Part: partCertificate, Err: err}
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "Legroom " + names[0]},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(ownLife),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
	}
	for _, n := range names {
		if ip := net.ParseIP(n); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, n)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return &CertificateError{Path: dir.file(ownCertificate), Settings: webSettings, Part: partCertificate, Err: err}
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return &CertificateError{Path: dir.file(ownKey), Settings: webSettings, Part: partKey, Err: err}
	}
	// Both or neither: a new key beside the old certificate would be no pair.
	return dir.write(wholefile.File{Path: dir.file(ownKey), Data: pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})},
		wholefile.File{Path: dir.file(ownCertificate), Data: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})})
}

// covers tells whether a certificate is good for all names.
func covers(cert *x509.Certificate, names []string) bool {
	return !slices.ContainsFunc(names, func(n string) bool { return cert.VerifyHostname(n) != nil })
}

// hostNames are this machine's names and addresses and those that were configured.
func hostNames(extra []string) []string {
	names := []string{"localhost", "127.0.0.1", "::1"}
	if host, err := os.Hostname(); err == nil && !slices.Contains(names, host) {
		names = append(names, host)
	}
	for _, a := range addresses() {
		names = append(names, a.String())
	}
	for _, n := range extra {
		if !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	return names
}

// fingerprint is the SHA-256 of a certificate as browsers show it.
func fingerprint(cert tls.Certificate) string {
	sum := sha256.Sum256(cert.Certificate[0])
	parts := make([]string, len(sum))
	for i, b := range sum {
		parts[i] = fmt.Sprintf("%02X", b)
	}
	return strings.Join(parts, ":")
}
