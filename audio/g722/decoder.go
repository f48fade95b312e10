package g722

import "legroom/audio"

var _ audio.Decoder = (*Decoder)(nil)

// Decoder turns 64 kbit/s G.722 into sound at 16000 Hz. It is used by one goroutine at a time.
type Decoder struct {
	low, high band
	line      [48]int // the last 24 sums and differences of the bands, twice, so that a window never wraps
	at        int
	plc       *audio.Concealer
}

// NewDecoder makes a Decoder in its reset state.
func NewDecoder() *Decoder {
	return &Decoder{low: band{det: 32}, high: band{det: 8}, plc: audio.NewConcealer(Rate)}
}

// Decode appends two samples for every byte; after a gap the first few are blended with the concealment. Every byte
// string is valid, so it never fails.
func (d *Decoder) Decode(dst []int16, payload []byte) ([]int16, error) {
	at := len(dst)
	for _, c := range payload {
		low, high := d.decodeLow(int(c&0x3f)), d.decodeHigh(int(c>>6))
		first, second := d.join(low+high, low-high)
		dst = append(dst, int16(sat16(first>>11)), int16(sat16(second>>11)))
	}
	d.plc.Good(dst[at:])
	return dst, nil
}

// DecodeFEC conceals a packet of the length of next, since G.722 carries no redundancy.
func (d *Decoder) DecodeFEC(dst []int16, next []byte) ([]int16, error) {
	return d.Conceal(dst, 2*len(next))
}

// Conceal appends samples that carry the last pitch on and fade. The state of the bands is kept as it was: after a gap
// of a packet or two it is nearer to the encoder's than a reset one.
func (d *Decoder) Conceal(dst []int16, samples int) ([]int16, error) {
	return d.plc.Append(dst, samples), nil
}

// Close does nothing.
func (d *Decoder) Close() {}

func (d *Decoder) decodeLow(code int) int {
	b := &d.low
	r := sat15(b.s + b.det*qm6[code]>>15)
	b.predict(b.det * qm4[code>>2] >> 15)
	b.scale(wl[code>>2], 18432, 8)
	return r
}

func (d *Decoder) decodeHigh(code int) int {
	b := &d.high
	diff := b.det * qm2[code] >> 15
	r := sat15(b.s + diff)
	b.predict(diff)
	b.scale(wh[code], 22528, 10)
	return r
}

// join runs the receive filter over the window that ends with the sum and the difference of the bands.
func (d *Decoder) join(sum, diff int) (int, int) {
	i := d.at
	d.line[i], d.line[i+24] = sum, sum
	d.line[i+1], d.line[i+25] = diff, diff
	d.at = i + 2
	if d.at == 24 {
		d.at = 0
	}
	return filter((*[24]int)(d.line[i+2:]))
}
