// Package hwaccel is the vocabulary of video codec engines: what a Device is and can do, the stages it opens (Decoder,
// Encoder, Scaler), and how its capacity is lent out (Load, Budget, Lease). There is no backend in it: each Device is a
// package below this one, and whoever composes the program hands Devices in; nothing registers itself.
package hwaccel

// Device is one engine that decodes, encodes and scales pictures: a graphics card, or the processor.
// All methods may be called from any goroutine.
type Device interface {
	// Name tells Devices of one machine apart: "software", "nvidia:0".
	Name() string
	// Capabilities are facts that were found by doing, see Probe. They do not change.
	Capabilities() Capabilities
	// OpenDecoder opens a decoder. Errors: ErrUnsupported.
	OpenDecoder(DecoderConfig) (Decoder, error)
	// OpenEncoder opens an encoder. Errors: ErrUnsupported.
	OpenEncoder(EncoderConfig) (Encoder, error)
	// OpenScaler opens a scaler. Errors: ErrUnsupported.
	OpenScaler(ScalerConfig) (Scaler, error)
	// Acquire reserves capacity before anything is opened. The Lease belongs to the one thing that many share (a
	// rendition, a compositor) and is closed with it. Errors: ErrBusy when the Device has not that much left; the caller
	// then asks the next Device.
	Acquire(Load) (*Lease, error)
}
