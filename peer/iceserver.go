package peer

import (
	"crypto/hmac"
	"crypto/sha1"
	"time"
)

// ICEServer is a STUN or TURN server as a browser wants it (RTCIceServer).
type ICEServer struct {
	// URLs as in RFC 7064 and RFC 7065.
	URLs []string
	// Username and Credential of a TURN server; empty for STUN.
	Username string
	// Credential is the password.
	Credential string
	// Expires is when the credential does; zero for never.
	Expires time.Time
}

// foreignLifetime of credentials for somebody else's TURN server.
const foreignLifetime = 12 * time.Hour

// ICEServers are the servers to tell a browser that comes now, with credentials that begin their lifetime at now.
func (e *Engine) ICEServers(now time.Time) []ICEServer {
	var out []ICEServer
	for _, c := range e.cfg.ICEServers {
		s := ICEServer{Username: c.Username, Credential: c.Credential}
		if c.Secret != "" {
			s = timeLimited(c.Secret, now, foreignLifetime)
		}
		s.URLs = c.URLs
		out = append(out, s)
	}
	if e.relay != nil {
		out = append(out, e.relay.iceServer(now))
	}
	return out
}

// mac is HMAC-SHA1, which the scheme prescribes; its known weaknesses do not touch HMAC.
func mac(secret, name string) []byte {
	h := hmac.New(sha1.New, []byte(secret))
	h.Write([]byte(name))
	return h.Sum(nil)
}
