package tap

import (
	"legroom/media"
	"legroom/media/payload"
)

const (
	// maxPicture bounds one that is put together, bytes.
	maxPicture = 1 << 20
	// maxLayers of simulcast there are.
	maxLayers = 4
)

// Picture puts packets of VP8 together: RTP payload descriptors off, from the start of a frame to the marker. A picture of
// which a packet is missing or out of order is left out. The zero value is ready; one goroutine at a time may use it.
// Source: RFC 7741 section 4.
type Picture struct {
	data    []byte
	open    bool
	packets uint64
	next    uint16
	at      uint32 // timestamp
}

// Add takes one packet. It gives the picture that the packet completes, lent until the next call, and how many packets
// turned out to belong to none.
func (f *Picture) Add(p *media.Packet) (whole []byte, lost uint64) {
	d, err := payload.ParseVP8(p.Payload)
	begins := err == nil && d.Start && d.Partition == 0
	if f.open && (err != nil || begins || p.SequenceNumber != f.next || p.Timestamp != f.at || len(f.data)+len(p.Payload) > maxPicture) {
		lost, f.open = f.packets, false
	}
	switch {
	case begins:
		f.data, f.open, f.packets, f.at = f.data[:0], true, 0, p.Timestamp
	case !f.open:
		return nil, lost + 1
	}
	f.data = append(f.data, p.Payload[d.Size:]...)
	f.next = p.SequenceNumber + 1
	f.packets++
	if !p.Marker {
		return nil, lost
	}
	f.open = false
	return f.data, lost
}
