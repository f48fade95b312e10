package peer

import "time"

const (
	meterSteps = 10
	meterStep  = 100 * time.Millisecond
)

// rtpOverhead is what a packet costs on the wire beside its payload: RTP header with extensions, SRTP tag, UDP, IPv4.
const rtpOverhead = 12 + 16 + 10 + 8 + 20

// rateMeter measures bits per second over the last second. The zero value is ready. Not safe for concurrent use.
type rateMeter struct {
	bytes [meterSteps]int
	step  int64
}

// add counts bytes at a time.
func (m *rateMeter) add(at time.Time, bytes int) {
	m.advance(at)
	m.bytes[m.step%meterSteps] += bytes
}

// at is the rate of the second that ends then, bit/s.
func (m *rateMeter) at(now time.Time) int {
	m.advance(now)
	sum := 0
	for _, b := range m.bytes {
		sum += b
	}
	return sum * 8 * int(time.Second/meterStep) / meterSteps
}

func (m *rateMeter) advance(at time.Time) {
	step := at.UnixNano() / int64(meterStep)
	if step <= m.step {
		return
	}
	for i := m.step + 1; i <= step && i <= m.step+meterSteps; i++ {
		m.bytes[i%meterSteps] = 0
	}
	m.step = step
}
