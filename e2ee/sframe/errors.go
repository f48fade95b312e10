package sframe

import "errors"

// Why a frame was not sealed or not opened. Every error of Seal and Open wraps exactly one of these; whatever the
// reason, the frame is dropped and nothing of it goes on in clear.
var (
	// ErrMalformed says that bytes break the layout of the header, the frame or its codec.
	ErrMalformed = errors.New("sframe: malformed")
	// ErrEmpty says that a frame holds nothing to seal or to open. A zero-length audio frame (padding) comes at the start
	// of a stream and is no reason for alarm.
	ErrEmpty = errors.New("sframe: empty frame")
	// ErrCodec says that a codec has no rule here, or does not carry this kind of media.
	ErrCodec = errors.New("sframe: codec without a rule")
	// ErrUnit says that a frame holds a unit that is neither sealed nor allowed in clear, such as a data partition of H.264.
	ErrUnit = errors.New("sframe: unit that may not pass")
	// ErrKeyID says that a frame bears a key id other than the one that was asked for.
	ErrKeyID = errors.New("sframe: foreign key id")
	// ErrReflected says that a frame bears the receiver's own key id: somebody sent it back.
	ErrReflected = errors.New("sframe: own frame came back")
	// ErrSender says that nobody with the key id of a frame may send this kind of media in this epoch.
	ErrSender = errors.New("sframe: sender not allowed")
	// ErrTag says that the sender tag of a frame is wrong: whoever made it is no member of the group.
	ErrTag = errors.New("sframe: wrong sender tag")
	// ErrAuth says that a frame was not sealed with this key, or was changed since.
	ErrAuth = errors.New("sframe: not authentic")
	// ErrReplay says that a frame of this counter was taken before, or is too old to tell.
	ErrReplay = errors.New("sframe: replayed or too old")
	// ErrExhausted says that all counters of a stream are used up: its sender needs a new epoch.
	ErrExhausted = errors.New("sframe: counters used up")
	// ErrConfig says that a key, a key id or a rule cannot be used as given.
	ErrConfig = errors.New("sframe: unusable configuration")
)
