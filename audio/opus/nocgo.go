//go:build !cgo

package opus

// Encoder cannot be made in a program built without cgo.
type Encoder struct{}

// NewEncoder answers ErrUnavailable.
func NewEncoder(EncoderConfig) (*Encoder, error) { return nil, ErrUnavailable }

// Encode answers ErrUnavailable.
func (e *Encoder) Encode(dst []byte, _ []int16) ([]byte, error) { return dst, ErrUnavailable }

// SetBitrate answers ErrUnavailable.
func (e *Encoder) SetBitrate(int) error { return ErrUnavailable }

// SetLoss answers ErrUnavailable.
func (e *Encoder) SetLoss(int) error { return ErrUnavailable }

// Close does nothing.
func (e *Encoder) Close() {}

// Decoder cannot be made in a program built without cgo.
type Decoder struct{}

// NewDecoder answers ErrUnavailable, or what is wrong with the rate.
func NewDecoder(rate int) (*Decoder, error) {
	if err := checkRate(rate); err != nil {
		return nil, err
	}
	return nil, ErrUnavailable
}

// Decode answers ErrUnavailable.
func (d *Decoder) Decode(dst []int16, _ []byte) ([]int16, error) { return dst, ErrUnavailable }

// DecodeFEC answers ErrUnavailable.
func (d *Decoder) DecodeFEC(dst []int16, _ []byte) ([]int16, error) { return dst, ErrUnavailable }

// Conceal answers ErrUnavailable.
func (d *Decoder) Conceal(dst []int16, _ int) ([]int16, error) { return dst, ErrUnavailable }

// Close does nothing.
func (d *Decoder) Close() {}
