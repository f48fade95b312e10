package visit

import (
	"time"

	"legroom/media"
)

// frame is a whole payload of a slot.
type frame struct {
	mid     string
	codec   media.CodecName
	payload []byte
	packets uint64
	at      time.Time
}
