package g711

import "legroom/audio"

// Law is one of the two companding laws.
type Law uint8

// Laws of G.711.
const (
	Mu Law = iota // PCMU, North America and Japan
	A             // PCMA, elsewhere
)

// Rate of the codec, Hz.
const Rate = 8000

var (
	_ audio.Encoder = (*Encoder)(nil)
	_ audio.Decoder = (*Decoder)(nil)
)

// Encoder is the audio.Encoder of a law. It has no state and never fails.
type Encoder struct{ law Law }

// NewEncoder makes an Encoder.
func NewEncoder(law Law) *Encoder { return &Encoder{law: law} }

// Encode appends one code a sample.
func (e *Encoder) Encode(dst []byte, pcm []int16) ([]byte, error) {
	if e.law == A {
		return EncodeA(dst, pcm), nil
	}
	return EncodeMu(dst, pcm), nil
}

// Close does nothing.
func (e *Encoder) Close() {}

// Decoder is the audio.Decoder of a law, with concealment after ITU-T G.711 appendix I.
type Decoder struct {
	law Law
	plc *audio.Concealer
}

// NewDecoder makes a Decoder.
func NewDecoder(law Law) *Decoder { return &Decoder{law: law, plc: audio.NewConcealer(Rate)} }

// Decode appends one sample a byte; after a gap the first few are blended with the concealment. It never fails.
func (d *Decoder) Decode(dst []int16, payload []byte) ([]int16, error) {
	at := len(dst)
	if d.law == A {
		dst = DecodeA(dst, payload)
	} else {
		dst = DecodeMu(dst, payload)
	}
	d.plc.Good(dst[at:])
	return dst, nil
}

// DecodeFEC conceals a packet of the length of next, since G.711 carries no redundancy.
func (d *Decoder) DecodeFEC(dst []int16, next []byte) ([]int16, error) {
	return d.Conceal(dst, len(next))
}

// Conceal appends samples that carry the last pitch on and fade.
func (d *Decoder) Conceal(dst []int16, samples int) ([]int16, error) {
	return d.plc.Append(dst, samples), nil
}

// Close does nothing.
func (d *Decoder) Close() {}
