package meeting

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// maxText bounds a message of a browser, bytes: a commit and its Welcome in base64, and what stands around them.
const maxText = 512 << 10

// maxInteger is the largest integer that a browser holds exactly.
const maxInteger = 1<<53 - 1

// kind of message, as web/src/e2ee/meeting/wire.ts names it.
type kind string

// Kinds.
const (
	askFound      kind = "found"
	askWait       kind = "wait"
	askSubmit     kind = "submit"
	askRefuse     kind = "refuse"
	askBundle     kind = "bundle"
	askRelay      kind = "relay"
	askMissed     kind = "missed"
	askCheckpoint kind = "checkpoint"
	askNote       kind = "note"
	sayUnwait     kind = "unwait"
	sayDecline    kind = "decline"
)

// message is what a browser sends. Byte strings are base64 (RFC 4648 section 4); nil is what is not there.
type message struct {
	Type       kind     `json:"type"`
	ID         *int64   `json:"id"`
	KeyPackage []byte   `json:"keyPackage"`
	GroupInfo  []byte   `json:"groupInfo"`
	Commit     []byte   `json:"commit"`
	Welcome    []byte   `json:"welcome"`
	Bundles    [][]byte `json:"bundles"`
	Epoch      *uint64  `json:"epoch"`
	Sealed     []byte   `json:"sealed"`
	Message    []byte   `json:"message"`
	Seq        *uint64  `json:"seq"`
	Request    []byte   `json:"request"`
	Signed     []byte   `json:"signed"`
	Sig        []byte   `json:"sig"`
}

// part is a set of members of a message.
type part uint16

const (
	partID part = 1 << iota
	partKeyPackage
	partGroupInfo
	partCommit
	partWelcome
	partBundles
	partEpoch
	partSealed
	partMessage
	partSeq
	partRequest
	partSigned
	partSig
)

// form of a message: which members it has, and may have.
func (k kind) form() (needs, may part, known bool) {
	switch k {
	case askFound:
		needs = partID | partKeyPackage | partGroupInfo
	case askWait:
		needs = partID | partKeyPackage
	case askSubmit:
		needs, may = partID|partCommit|partBundles, partWelcome
	case askRefuse:
		needs = partID | partEpoch
	case askBundle, askNote:
		needs = partID | partSealed
	case askRelay:
		needs = partID | partMessage
	case askMissed:
		needs = partID | partSeq
	case askCheckpoint:
		needs = partID | partSigned | partSig
	case sayUnwait:
	case sayDecline:
		needs = partRequest
	default:
		return 0, 0, false
	}
	return needs, needs | may, true
}

// has tells which members are there.
func (q *message) has() part {
	var p part
	for i, there := range []bool{
		q.ID != nil, q.KeyPackage != nil, q.GroupInfo != nil, q.Commit != nil, q.Welcome != nil, q.Bundles != nil, q.Epoch != nil,
		q.Sealed != nil, q.Message != nil, q.Seq != nil, q.Request != nil, q.Signed != nil, q.Sig != nil,
	} {
		if there {
			p |= 1 << i
		}
	}
	return p
}

// decode reads one JSON object that is exactly one of the messages. What the bytes in it are, others judge.
// Errors: ErrMessage, which quotes nothing of it.
func decode(text []byte) (*message, error) {
	if len(text) > maxText {
		return nil, fmt.Errorf("%d bytes: %w", len(text), ErrMessage)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	q := new(message)
	if d.Decode(q) != nil {
		return nil, ErrMessage
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, ErrMessage
	}
	needs, may, known := q.Type.form()
	has := q.has()
	if !known || has&needs != needs || has&^may != 0 || !q.inRange() {
		return nil, ErrMessage
	}
	return q, nil
}

func (q *message) inRange() bool {
	return (q.ID == nil || *q.ID >= 0 && *q.ID <= maxInteger) && (q.Epoch == nil || *q.Epoch <= maxInteger) &&
		(q.Seq == nil || *q.Seq <= maxInteger)
}
