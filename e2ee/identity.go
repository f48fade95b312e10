package e2ee

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io/fs"
	"os"

	"legroom/internal/wholefile"
)

// maxIdentityFile bounds what is read of the file, bytes.
const maxIdentityFile = 4 << 10

var errIdentityForm = errors.New("is damaged; restore it, or remove it to have it made anew (rooms then have to list the new key)")

// Identity is the key by which rooms know this gateway. It signs requests and opens nothing.
type Identity struct{ key ed25519.PrivateKey }

// OpenIdentity reads the key from its file (PKCS #8 in PEM), or makes it at the first start: readable by its owner only,
// and written whole or not at all. Errors: *IdentityError; a damaged file is never replaced.
func OpenIdentity(path string) (*Identity, error) {
	id, err := readIdentity(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return id, err
	}
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, &IdentityError{Path: path, Err: err}
	}
	if err := writeIdentity(path, key); err != nil {
		return nil, &IdentityError{Path: path, Err: err}
	}
	return &Identity{key: key}, nil
}

// NewIdentity uses a key from elsewhere.
func NewIdentity(key ed25519.PrivateKey) *Identity { return &Identity{key: key} }

// Key is the public key, which policies list.
func (i *Identity) Key() Key { return Key(i.key.Public().(ed25519.PublicKey)) }

// Fingerprint of the key, for people.
func (i *Identity) Fingerprint() Fingerprint { return GatewayFingerprint(i.Key()) }

func readIdentity(path string) (*Identity, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, &IdentityError{Path: path, Err: err}
	}
	if info.Size() > maxIdentityFile {
		return nil, &IdentityError{Path: path, Err: errIdentityForm}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, &IdentityError{Path: path, Err: err}
	}
	block, _ := pem.Decode(text)
	if block == nil || block.Type != "PRIVATE KEY" {
		return nil, &IdentityError{Path: path, Err: errIdentityForm}
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	key, ok := parsed.(ed25519.PrivateKey)
	if err != nil || !ok {
		return nil, &IdentityError{Path: path, Err: errIdentityForm}
	}
	return &Identity{key: key}, nil
}

func writeIdentity(path string, key ed25519.PrivateKey) error {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	return wholefile.Write(wholefile.File{Path: path, Data: pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})})
}
