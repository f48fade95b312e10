package visit

import (
	"legroom/e2ee/sframe"
	"legroom/e2ee/visitor"
	"legroom/media"
)

// member opens frames and knows whose they are: a visitor.Visitor.
type member interface {
	Open(dst []byte, codec media.CodecName, kind sframe.Kind, frame []byte) ([]byte, sframe.KeyID, error)
	Sender(id sframe.KeyID) (visitor.Sender, error)
}
