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
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"slices"
	"strings"
	"time"

	"legroom/configs"
)

// Names and life of the certificate that is made at first start.
const (
	ownCertificate = "web.crt"
	ownKey         = "web.key"
	ownLife        = 397 * 24 * time.Hour
	// ownRenew is how long before its end it is made anew, at a start.
	ownRenew = 30 * 24 * time.Hour
)

// CertificateError tells what is wrong with a certificate for the web.
type CertificateError struct {
	// Path of the file.
	Path string
	// Err is the trouble.
	Err error
}

// Error names the file and the trouble, never its content.
func (e *CertificateError) Error() string {
	return fmt.Sprintf("gateway: certificate %s: %v", e.Path, e.Err)
}

// Unwrap gives the trouble.
func (e *CertificateError) Unwrap() error { return e.Err }

// certificateOf reads the configured certificate, or the own one, which is made when there is none that still holds.
func certificateOf(cfg configs.Web, dir stateDir, now time.Time) (tls.Certificate, error) {
	if cfg.Certificate != "" {
		return readCertificate(cfg.Certificate, cfg.Key, now)
	}
	cert, err := readCertificate(dir.file(ownCertificate), dir.file(ownKey), now.Add(ownRenew))
	if err == nil && covers(cert.Leaf, hostNames(cfg.Names)) {
		return cert, nil
	}
	if err := makeCertificate(dir, hostNames(cfg.Names), now); err != nil {
		return tls.Certificate{}, err
	}
	return readCertificate(dir.file(ownCertificate), dir.file(ownKey), now)
}

func readCertificate(file, key string, now time.Time) (tls.Certificate, error) {
	for _, f := range []string{file, key} {
		if _, err := os.Stat(f); err != nil {
			if errors.Is(err, fs.ErrNotExist) {
				err = fs.ErrNotExist
			}
			return tls.Certificate{}, &CertificateError{Path: f, Err: err}
		}
	}
	cert, err := tls.LoadX509KeyPair(file, key)
	if err != nil {
		return tls.Certificate{}, &CertificateError{Path: file, Err: err}
	}
	if cert.Leaf.NotAfter.Before(now) {
		return tls.Certificate{}, &CertificateError{Path: file, Err: fmt.Errorf("expired on %s", cert.Leaf.NotAfter.Format(time.DateOnly))}
	}
	return cert, nil
}

func makeCertificate(dir stateDir, names []string, now time.Time) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return &CertificateError{Path: dir.file(ownKey), Err: err}
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return &CertificateError{Path: dir.file(ownCertificate), Err: err}
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
		return &CertificateError{Path: dir.file(ownCertificate), Err: err}
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return &CertificateError{Path: dir.file(ownKey), Err: err}
	}
	if err := dir.write(ownKey, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})); err != nil {
		return err
	}
	return dir.write(ownCertificate, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
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
