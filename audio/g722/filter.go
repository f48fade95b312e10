package g722

// filter applies the quadrature mirror filter to a window, oldest first, and returns the sums over the odd and over the
// even places; one filter serves both ways. It is written out because this is a third of the codec's work.
// Source: ITU-T G.722 sections 3.1 and 4.4, coefficients of table 11.
func filter(w *[24]int) (odd, even int) {
	even = w[0]*3 - w[2]*11 + w[4]*12 + w[6]*32 - w[8]*210 + w[10]*951 +
		w[12]*3876 - w[14]*805 + w[16]*362 - w[18]*156 + w[20]*53 - w[22]*11
	odd = w[23]*3 - w[21]*11 + w[19]*12 + w[17]*32 - w[15]*210 + w[13]*951 +
		w[11]*3876 - w[9]*805 + w[7]*362 - w[5]*156 + w[3]*53 - w[1]*11
	return odd, even
}
