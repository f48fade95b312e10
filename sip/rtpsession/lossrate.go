package rtpsession

import "time"

const (
	// leastRate is what losses never take the rate below, bit/s.
	leastRate = 128_000
	// lossWindow and lossPackets are the least time and packets over which a share of losses is taken, lossMemory the longest
	// time.
	lossWindow  = time.Second
	lossPackets = 20
	lossMemory  = 15 * time.Second
	// Above lossMended the rate goes down where what is lost is sent again, above lossBare where it is not; below lossBare it
	// goes up.
	lossBare   = 0.02
	lossMended = 0.10
	// lossGrowth is how much the rate goes up in a second.
	lossGrowth = 0.02
	// freeRate is where a rate ends to be bounded by losses when the peer named no bound, bit/s.
	freeRate = 10_000_000
)

// lossRate is the bit rate that the losses of a receiver allow: down by a factor, up slowly, and free again above what was
// agreed. It goes by the counts of reports and not by their fractions, as those come in any distance.
// Units: bit/s.
type lossRate struct {
	limit float64 // 0 for none
	known bool
	last  lossPoint
	// of the last window: what was sent, bit/s and packets a second
	bits, packets float64
}

// lossPoint is what had been sent and lost at a time.
type lossPoint struct {
	at              time.Time
	highest         uint32 // extended sequence number
	lost            int64
	octets, packets uint32 // sent by us
}

// report takes a reception report in; it tells whether the limit changed. mended tells that lost packets are sent again.
func (l *lossRate) report(p lossPoint, mended bool, agreed int) bool {
	span := p.at.Sub(l.last.at)
	expected, lost := int64(int32(p.highest-l.last.highest)), p.lost-l.last.lost
	if !l.known || expected < 0 || span > lossMemory {
		l.known, l.last = true, p
		return false
	}
	if span < lossWindow || expected < lossPackets {
		return false
	}
	l.bits = float64(8*(p.octets-l.last.octets)) / span.Seconds()
	l.packets = float64(p.packets-l.last.packets) / span.Seconds()
	l.last = p
	return l.adapt(max(float64(lost), 0)/float64(expected), span, mended, agreed)
}

func (l *lossRate) adapt(share float64, span time.Duration, mended bool, agreed int) bool {
	before, bound := l.limit, lossBare
	if mended {
		bound = lossMended
	}
	switch {
	case share > bound:
		from := l.bits
		if l.limit > 0 {
			from = min(from, l.limit)
		}
		l.limit = max(from*(0.95-min(share, 1)/2), leastRate)
	case share <= lossBare && l.limit > 0:
		l.limit *= 1 + lossGrowth*min(span, 5*time.Second).Seconds()
		if agreed == 0 {
			agreed = freeRate
		}
		if l.limit >= float64(agreed) {
			l.limit = 0
		}
	}
	return l.limit != before
}
