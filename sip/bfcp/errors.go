package bfcp

import (
	"errors"
	"fmt"
)

var (
	// ErrShort is a message that ends before its header does.
	ErrShort = errors.New("bfcp: too short")
	// ErrFormat is a message whose attributes cannot be read.
	ErrFormat = errors.New("bfcp: not of the format")
	// ErrTooLarge is a message or attribute over its bound.
	ErrTooLarge = errors.New("bfcp: too large")
	// ErrPeerGone is a client that answered nothing and said nothing.
	ErrPeerGone = errors.New("bfcp: the client does not answer")
	// ErrConfig is a Config that cannot work.
	ErrConfig = errors.New("bfcp: configuration")
)

// MessageError is a message that cannot be served, and what to answer. It is an ErrFormat.
type MessageError struct {
	// Code to answer with.
	Code ErrorCode
	// Unknown are the attributes of UnknownMandatoryAttribute.
	Unknown []AttributeType
}

// Error gives the code in words.
func (e *MessageError) Error() string { return fmt.Sprintf("bfcp: message: %v", e.Code) }

// Unwrap is ErrFormat.
func (e *MessageError) Unwrap() error { return ErrFormat }
