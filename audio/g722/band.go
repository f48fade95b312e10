package g722

// band is the adaptive predictor and quantizer scale of one of the two sub-bands; its names are those of the
// Recommendation. Source: ITU-T G.722 sections 3.5 and 3.6, blocks 3 and 4.
type band struct {
	s   int    // predicted signal (SL, SH)
	sz  int    // its part from the zeros
	r   int    // last reconstructed signal, doubled (RLT)
	a1  int    // poles
	a2  int    //
	p1  bool   // signs of the last two partially reconstructed signals, true below zero
	p2  bool   //
	b   [6]int // zeros
	d   [6]int // last quantized differences, doubled, newest first
	nb  int    // logarithmic scale factor (NBL, NBH)
	det int    // linear scale factor (DETL, DETH)
}

// predict takes the quantized difference of this sample and computes the prediction of the next.
func (b *band) predict(d int) {
	part := b.sz+d < 0
	sg1, sg2 := -1, -1
	if part == b.p1 {
		sg1 = 1
	}
	if part == b.p2 {
		sg2 = 1
	}
	b.p2, b.p1 = b.p1, part
	b.poles(sg1, sg2)
	b.zeros(d)
	r := sat16((b.s + d) << 1)
	b.s = sat16(b.sz + b.a1*r>>15 + b.a2*b.r>>15)
	b.r = r
}

// poles adapts the second order section: block 4, UPPOL2 and UPPOL1.
func (b *band) poles(sg1, sg2 int) {
	a1 := max(min(b.a1, 8191), -8191)
	b.a2 = max(min(-(sg1*a1)>>5+sg2<<7+b.a2*127>>7, 12288), -12288)
	limit := 15360 - b.a2
	b.a1 = max(min(192*sg1+b.a1*255>>8, limit), -limit)
}

// zeros adapts the sixth order section and its delay line: block 4, UPZERO and FILTEZ.
func (b *band) zeros(d int) {
	step := 128
	if d == 0 {
		step = 0
	}
	z, m := &b.b, &b.d
	// The sign of a product decides the direction; ^ of two numbers has that sign, and >>63 makes it 0 or -1.
	b5 := z[5]*255>>8 + (step ^ ((m[5] ^ d) >> 63)) - (m[5]^d)>>63
	b4 := z[4]*255>>8 + (step ^ ((m[4] ^ d) >> 63)) - (m[4]^d)>>63
	b3 := z[3]*255>>8 + (step ^ ((m[3] ^ d) >> 63)) - (m[3]^d)>>63
	b2 := z[2]*255>>8 + (step ^ ((m[2] ^ d) >> 63)) - (m[2]^d)>>63
	b1 := z[1]*255>>8 + (step ^ ((m[1] ^ d) >> 63)) - (m[1]^d)>>63
	b0 := z[0]*255>>8 + (step ^ ((m[0] ^ d) >> 63)) - (m[0]^d)>>63
	d5, d4, d3, d2, d1, d0 := m[4], m[3], m[2], m[1], m[0], sat16(d<<1)
	z[5], z[4], z[3], z[2], z[1], z[0] = b5, b4, b3, b2, b1, b0
	m[5], m[4], m[3], m[2], m[1], m[0] = d5, d4, d3, d2, d1, d0
	b.sz = sat16(b5*d5>>15 + b4*d4>>15 + b3*d3>>15 + b2*d2>>15 + b1*d1>>15 + b0*d0>>15)
}

// scale adapts the step size of the quantizer: blocks 3L and 3H, LOGSCL to SCALEH.
func (b *band) scale(w, limit, base int) {
	b.nb = max(min(b.nb*127>>7+w, limit), 0)
	det := ilb[b.nb>>6&31]
	if shift := base - b.nb>>11; shift > 0 {
		det >>= shift
	} else {
		det <<= -shift
	}
	b.det = det << 2
}

// rests tells whether the predicted signal has come down to zero.
func (b *band) rests() bool { return uint(b.s+1) <= 2 }

func sat16(v int) int { return max(min(v, 32767), -32768) }

func sat15(v int) int { return max(min(v, 16383), -16384) }
