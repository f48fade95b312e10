package audio

import "errors"

// ErrSamples says that an encoder was given a number of samples its format cannot carry in one packet.
var ErrSamples = errors.New("audio: number of samples does not fit the codec")

// Encoder turns sound into the payload of one packet. It is used by one goroutine at a time.
type Encoder interface {
	// Encode appends the payload for pcm to dst and returns it; no memory is made when cap(dst) suffices.
	// Units: signed 16 bit samples, one channel, at the rate the encoder was made for.
	// Errors: ErrSamples when the codec has no packet of that length.
	Encode(dst []byte, pcm []int16) ([]byte, error)
	// Close frees what the codec holds; it may be called more than once. Nothing else may be called afterwards.
	Close()
}

// Decoder turns payloads back into sound, in the order of their sequence numbers. It is used by one goroutine at a time.
// Every method appends to dst and returns it, signed 16 bit samples of one channel.
type Decoder interface {
	// Decode appends the sound of one payload. Errors: what the codec finds wrong with the payload; dst is then as before.
	Decode(dst []int16, payload []byte) ([]int16, error)
	// DecodeFEC appends the sound of the packet that is missing before next, from the redundancy in next where the
	// format has any, otherwise concealed. next itself is still to be decoded afterwards.
	DecodeFEC(dst []int16, next []byte) ([]int16, error)
	// Conceal appends made-up sound for that many missing samples.
	Conceal(dst []int16, samples int) ([]int16, error)
	// Close frees what the codec holds; it may be called more than once. Nothing else may be called afterwards.
	Close()
}
