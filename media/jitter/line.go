package jitter

// line is a queue of samples that lies in one piece, so that it can be searched and spliced.
type line struct {
	samples []int16
	head    int
}

func (l *line) len() int { return len(l.samples) - l.head }

// at gives the samples waiting, oldest first.
func (l *line) waiting() []int16 { return l.samples[l.head:] }

// grow makes room for n samples at the end and returns it. Memory is made only until the line has its final size.
func (l *line) grow(n int) []int16 {
	if len(l.samples)+n > cap(l.samples) {
		l.samples = l.samples[:copy(l.samples, l.samples[l.head:])]
		l.head = 0
	}
	for len(l.samples)+n > cap(l.samples) {
		l.samples = append(l.samples[:cap(l.samples)], 0)[:len(l.samples)]
	}
	l.samples = l.samples[:len(l.samples)+n]
	return l.samples[len(l.samples)-n:]
}

func (l *line) pop(dst []int16) int {
	n := copy(dst, l.samples[l.head:])
	l.drop(n)
	return n
}

func (l *line) drop(n int) {
	l.head += min(n, l.len())
	if l.head == len(l.samples) {
		l.samples, l.head = l.samples[:0], 0
	}
}

// insert makes room for n samples at the front and moves nothing but the front samples given by keep.
func (l *line) insert(n int) {
	if l.head < n {
		old := l.len()
		l.grow(n)
		copy(l.samples[l.head+n:], l.samples[l.head:l.head+old])
		return
	}
	l.head -= n
}
