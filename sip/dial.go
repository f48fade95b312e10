package sip

import (
	"context"

	"legroom/media"
)

// DialRequest says whom to call and how.
type DialRequest struct {
	// To is a SIP URI: "sip:1000@127.0.0.1:5060;transport=tcp". sips: means TLS.
	To string
	// From names us; the Host may be empty.
	From Party
	// User and Password answer a digest challenge.
	User, Password string
	// Codecs to offer, best first; nil takes those of the Config.
	Codecs []media.CodecName
}

// Dial places a call and returns when it is answered. When ctx ends first the call is cancelled.
// Errors: *StatusError for a final answer other than 2xx; ErrNoAnswer; ErrUnreachable; those of offer and answer.
func (s *Server) Dial(ctx context.Context, r DialRequest) (*Dialog, *Leg, error) { return nil, nil, ErrInternal }
