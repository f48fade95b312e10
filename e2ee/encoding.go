package e2ee

import (
	"bytes"
	"fmt"

	"github.com/fxamacker/cbor/v2"
)

// maxEncoded bounds every CBOR item that is read, bytes.
const maxEncoded = 16 << 10

// maxInteger is the largest integer that a browser holds exactly.
const maxInteger = 1<<53 - 1

// writing and reading are the two halves of the deterministic encoding. Source: RFC 8949 section 4.2.1.
var (
	writing = encodingMode()
	reading = decodingMode()
)

func encodingMode() cbor.EncMode {
	o := cbor.CoreDetEncOptions()
	// An empty list that is nil and one that is not are the same list.
	o.NilContainers = cbor.NilContainerAsEmpty
	mode, err := o.EncMode()
	if err != nil {
		panic(err) // the options are constants
	}
	return mode
}

func decodingMode() cbor.DecMode {
	mode, err := cbor.DecOptions{
		DupMapKey:         cbor.DupMapKeyEnforcedAPF,
		IndefLength:       cbor.IndefLengthForbidden,
		TagsMd:            cbor.TagsForbidden,
		ExtraReturnErrors: cbor.ExtraDecErrorUnknownField,
		FieldNameMatching: cbor.FieldNameMatchingCaseSensitive,
		MaxNestedLevels:   8,
		MaxArrayElements:  512,
		MaxMapPairs:       32,
	}.DecMode()
	if err != nil {
		panic(err) // the options are constants
	}
	return mode
}

// encode gives the deterministic encoding.
func encode(what string, v any) ([]byte, error) {
	b, err := writing.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("e2ee: encode %s: %w", what, err)
	}
	if len(b) > maxEncoded {
		return nil, &InvalidError{What: what, Reason: "too long"}
	}
	return b, nil
}

// decode fills v and proves that the bytes are its only encoding: what the library forgives (a missing or a longer
// member, a null, another order) does not come out as it went in.
func decode(what string, b []byte, v any) error {
	if len(b) > maxEncoded {
		return fmt.Errorf("e2ee: %s of %d bytes: %w", what, len(b), ErrEncoding)
	}
	if err := reading.Unmarshal(b, v); err != nil {
		// The library's words may quote what was read.
		return fmt.Errorf("e2ee: %s: %w", what, ErrEncoding)
	}
	again, err := writing.Marshal(v)
	if err != nil || !bytes.Equal(again, b) {
		return fmt.Errorf("e2ee: %s: %w", what, ErrEncoding)
	}
	return nil
}
