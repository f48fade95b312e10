package visitor

import (
	"legroom/e2ee/sframe"
	"legroom/media"
)

// maxStreams bounds how many streams an epoch remembers. Only who has the keys can fill it.
const maxStreams = 4096

// stream is all frames of one kind under one key id.
type stream struct {
	kind sframe.Kind
	id   sframe.KeyID
}

// openers of the streams of an epoch: one each, since it remembers which frames came.
type openers map[stream]*sframe.Opener

// open a frame of a stream. Anybody can make up key ids, so a stream is remembered once a frame of it opened.
func (o openers) open(dst []byte, codec media.CodecName, frame []byte, c sframe.StreamConfig) ([]byte, error) {
	at := stream{c.Kind, c.KeyID}
	known := o[at]
	if known == nil {
		if len(o) >= maxStreams {
			return dst, sframe.ErrSender
		}
		made, err := sframe.NewOpener(c)
		if err != nil {
			return dst, err
		}
		known = made
	}
	out, err := known.Open(dst, codec, frame)
	if err == nil {
		o[at] = known
	}
	return out, err
}
