package compose

// icon draws a sign on a square of 24 by 24.
type icon func(path)

func telephoneIcon(p path) {
	// A receiver, held from the upper left to the lower right.
	p.arc(4.4, 19.5, 4.5, 12.2, 108, 162)
	p.stroke(5.6, 7.2, 5.2, 9.0, 8.2)
	p.stroke(5.6, 18.8, 16.8, 15.8, 15.0)
}

func roomIcon(p path) {
	// A screen on a foot.
	p.rounded(2, 4, 20, 13.4, 2.2)
	p.hole(4, 6, 16, 9.4, 0.8)
	p.stroke(2, 12, 17, 12, 20)
	p.stroke(2, 8, 20.4, 16, 20.4)
}

func lockIcon(p path) {
	p.rounded(4.5, 10.5, 15, 10.5, 2.2)
	p.arc(2.2, 12, 8, 4, 180, 360)
	p.stroke(2.2, 8, 8, 8, 12)
	p.stroke(2.2, 16, 8, 16, 12)
}

func openLockIcon(p path) {
	p.rounded(2.5, 10.5, 14, 10.5, 2.2)
	p.arc(2.2, 17.5, 7.5, 4, 180, 360)
	p.stroke(2.2, 13.5, 7.5, 13.5, 12)
	p.stroke(2.2, 21.5, 7.5, 21.5, 9.5)
}

func recordingIcon(p path) {
	p.disc(12, 12, 9.5)
	p.hole(4.6, 4.6, 14.8, 14.8, 7.4)
	p.disc(12, 12, 5)
}

func mutedIcon(p path) {
	p.rounded(9, 2.5, 6, 11.5, 3)
	p.arc(1.9, 12, 11, 5.8, 0, 180)
	p.stroke(1.9, 12, 17, 12, 20.5)
	p.stroke(1.9, 8.5, 21, 15.5, 21)
	// The bar, with a gap beside it.
	p.stroke(2.2, 3.5, 3.5, 20.5, 20.5)
}

func handIcon(p path) {
	p.stroke(2.6, 8.2, 12, 8.2, 5.6)
	p.stroke(2.6, 11.4, 12, 11.4, 3.6)
	p.stroke(2.6, 14.6, 12, 14.6, 4.4)
	p.stroke(2.6, 17.7, 13, 17.7, 7.4)
	p.rounded(6.9, 10.5, 12.1, 11.5, 5)
	p.stroke(2.8, 4.4, 13.4, 8.4, 18)
}
