package sip

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"hash"
	"strings"
	"sync"
	"time"

	"github.com/icholy/digest"
)

// Times and bounds of nonces.
const (
	// nonceLifetime is how long a nonce may be used; after it a client is told to try again with a fresh one.
	nonceLifetime = 5 * time.Minute
	// maxNonces bounds the memory of counters. Only a client that knows a password gets a counter kept.
	maxNonces = 16384
	// maxCredentials bounds an Authorization header that is looked at, bytes.
	maxCredentials = 2048
)

// errStale is credentials that are right but for a nonce that may no longer be used: the client shall try again without
// asking a person (RFC 7616 section 3.3).
var errStale = errors.New("sip: stale nonce")

// authenticator checks digest credentials (RFC 8760, RFC 7616; RFC 2617 for MD5). Nonces carry their time under a
// HMAC, so that a flood of calls without credentials costs no memory. A counter (nc) is accepted once.
type authenticator struct {
	realm string
	users map[string]string
	key   [32]byte

	mu    sync.Mutex
	used  map[string]*usedNonce
	order []string
	// floor makes every nonce issued before it stale: the counters of some were forgotten.
	floor time.Time
}

type usedNonce struct {
	issued time.Time
	count  int
}

func newAuthenticator(realm string, users []UserConfig) *authenticator {
	a := &authenticator{realm: realm, users: make(map[string]string, len(users)), used: make(map[string]*usedNonce)}
	for _, u := range users {
		a.users[u.Name] = u.Password
	}
	_, _ = rand.Read(a.key[:])
	return a
}

// challenges are the values of WWW-Authenticate, best algorithm first (RFC 8760 section 2.3).
func (a *authenticator) challenges(now time.Time, stale bool) []string {
	nonce := a.nonce(now)
	out := make([]string, 0, 2)
	for _, algorithm := range []string{"SHA-256", "MD5"} {
		c := digest.Challenge{Realm: a.realm, Nonce: nonce, Algorithm: algorithm, QOP: []string{"auth"}, Stale: stale}
		out = append(out, c.String())
	}
	return out
}

// nonce is time and randomness under our key.
func (a *authenticator) nonce(now time.Time) string {
	var b [16 + 16]byte
	binary.BigEndian.PutUint64(b[:8], uint64(now.UnixNano()))
	_, _ = rand.Read(b[8:16])
	copy(b[16:], a.seal(b[:16]))
	return base64.RawURLEncoding.EncodeToString(b[:])
}

func (a *authenticator) seal(b []byte) []byte {
	m := hmac.New(sha256.New, a.key[:])
	m.Write(b)
	return m.Sum(nil)[:16]
}

// issued gives the time of a nonce of ours.
func (a *authenticator) issued(nonce string) (time.Time, bool) {
	b, err := base64.RawURLEncoding.DecodeString(nonce)
	if err != nil || len(b) != 32 || !hmac.Equal(b[16:], a.seal(b[:16])) {
		return time.Time{}, false
	}
	return time.Unix(0, int64(binary.BigEndian.Uint64(b[:8]))), true
}

// verify gives the user whose credentials these are. Errors: ErrUnauthorized, errStale.
func (a *authenticator) verify(method, header string, now time.Time) (string, error) {
	if len(header) > maxCredentials || !digest.IsDigest(header) {
		return "", ErrUnauthorized
	}
	c, err := digest.ParseCredentials(header)
	if err != nil || c.Realm != a.realm {
		return "", ErrUnauthorized
	}
	issued, ours := a.issued(c.Nonce)
	if !ours {
		// A nonce of an earlier run of ours, or of nobody.
		return "", errStale
	}
	password, known := a.users[c.Username]
	if !known {
		password = string(a.key[:])
	}
	want, ok := expected(c, method, password)
	if !ok || subtle.ConstantTimeCompare([]byte(want), []byte(strings.ToLower(c.Response))) != 1 || !known {
		return "", ErrUnauthorized
	}
	if now.Sub(issued) > nonceLifetime || !a.use(c, issued, now) {
		return "", errStale
	}
	return c.Username, nil
}

// use spends one counter of a nonce. A client without qop has no counters: then the nonce is good once.
func (a *authenticator) use(c *digest.Credentials, issued, now time.Time) bool {
	count := max(1, c.Nc)
	a.mu.Lock()
	defer a.mu.Unlock()
	if u := a.used[c.Nonce]; u != nil {
		if c.QOP == "" || count <= u.count {
			return false
		}
		u.count = count
		return true
	}
	if !issued.After(a.floor) {
		return false
	}
	a.forget(now)
	a.used[c.Nonce] = &usedNonce{issued: issued, count: count}
	a.order = append(a.order, c.Nonce)
	return true
}

// forget drops counters of nonces that are over, and the oldest when there are too many; that one's age is the floor.
func (a *authenticator) forget(now time.Time) {
	for len(a.order) > 0 {
		u := a.used[a.order[0]]
		if now.Sub(u.issued) <= nonceLifetime {
			if len(a.order) < maxNonces {
				return
			}
			if u.issued.After(a.floor) {
				a.floor = u.issued
			}
		}
		delete(a.used, a.order[0])
		a.order = a.order[1:]
	}
}

// expected is the response that the password gives (RFC 7616 section 3.4.1).
func expected(c *digest.Credentials, method, password string) (string, bool) {
	var h hash.Hash
	switch strings.ToUpper(c.Algorithm) {
	case "", "MD5":
		h = md5.New()
	case "SHA-256":
		h = sha256.New()
	default:
		return "", false
	}
	sum := func(parts ...string) string {
		h.Reset()
		h.Write([]byte(strings.Join(parts, ":")))
		return hex.EncodeToString(h.Sum(nil))
	}
	a1, a2 := sum(c.Username, c.Realm, password), sum(method, c.URI)
	switch c.QOP {
	case "":
		return sum(a1, c.Nonce, a2), true
	case "auth":
		return sum(a1, c.Nonce, ncString(c.Nc), c.Cnonce, c.QOP, a2), true
	default:
		return "", false
	}
}

func ncString(n int) string {
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], uint32(n))
	return hex.EncodeToString(b[:])
}
