package tap

import (
	"fmt"

	"legroom/e2ee/sframe"
	"legroom/media"
)

// authentication is the shortest that follows a header: the tag of AES-GCM, bytes.
const authentication = 16

// Header reads the header of a sealed payload of Opus or VP8, whole or, of VP8, at least its first and last bytes. It
// proves nothing: a payload in clear may look like a sealed one. Errors: those of sframe.ReadKeyID; sframe.ErrMalformed for
// a payload too short to be sealed.
func Header(codec media.CodecName, kind sframe.Kind, b []byte) (sframe.Header, error) {
	if _, err := sframe.ReadKeyID(codec, kind, b); err != nil {
		return sframe.Header{}, err
	}
	h, n, err := sframe.ParseHeader(headerBytes(codec, b))
	if err != nil {
		return h, err
	}
	if len(b) < n+authentication {
		return h, fmt.Errorf("payload of %d bytes: %w", len(b), sframe.ErrMalformed)
	}
	return h, nil
}

// headerBytes are where the header begins: in front of Opus, at the end of VP8, whose last byte tells its length.
// ReadKeyID has held that it does.
func headerBytes(codec media.CodecName, b []byte) []byte {
	if codec == media.Opus {
		return b
	}
	n := int(b[len(b)-1] & 0x7f)
	return b[len(b)-1-n : len(b)-1]
}
