package g722

// filter applies the quadrature mirror filter to a window, oldest first, and returns the sums over the odd and over the
// even places; one filter serves both ways. Source: ITU-T G.722 sections 3.1 and 4.4.
func filter(w *[24]int) (odd, even int) {
	for i, c := range &qmf {
		even += w[2*i] * c
		odd += w[2*i+1] * qmf[11-i]
	}
	return odd, even
}
