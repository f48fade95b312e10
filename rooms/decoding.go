package rooms

import (
	"legroom/media"
	"legroom/transcode"
)

const (
	// faint is the loudness, -dBov, below which a packet holds nothing worth decoding or encoding.
	faint media.Level = 60
	// hangover is how many packets after the last one that is loud still count: half a second of the usual 20 ms.
	hangover = 25
)

// decoding is the one decode of a ClearTrack. A stream that tells its loudness in the packet (RFC 6464) is opened and
// decoded only while it is loud; the packets before that are kept by the Track, and warm the decoder.
type decoding struct {
	track   *Track
	packets cleartext
	decode  *transcode.Decode
	fan     media.Fan[*media.PCM]
	remove  func()
	left    int // packets of hangover; 0 is closed

	// Made once, so that a packet makes none:
	play func(*media.Packet) error // the decode
	warm func(*media.Packet)       // the past of it, one packet
}

func newDecoding(c *ClearTrack) (*decoding, error) {
	d := &decoding{track: c.Track, packets: c.packets}
	var err error
	if d.decode, err = transcode.NewDecode(c.info.Codec, media.SinkFunc[*media.PCM](d.hand)); err != nil {
		return nil, err
	}
	d.play = d.decode.Write
	past := func(p *media.Packet) error { d.decode.Warm(p); return nil }
	// What of it was opened before does not open again, and the decoder has heard it.
	d.warm = func(p *media.Packet) { _ = d.packets.each(p, past) }
	d.remove = c.Subscribe(d)
	return d, nil
}

// Write takes a packet of the Track.
func (d *decoding) Write(p *media.Packet) error {
	switch {
	case p.Level == media.NoLevel:
	case p.Level <= faint:
		if d.left == 0 {
			d.decode.Restart()
			d.track.recent.last(recentPackets, d.warm)
		}
		d.left = hangover
	case d.left == 0:
		return nil
	default:
		d.left--
	}
	return d.packets.each(p, d.play)
}

// Close ends the sound: the Track is over.
func (d *decoding) Close() error { return d.fan.Close() }

// hand gives the sound to all who hear, and its loudness to the meter of a track whose packets do not tell it.
func (d *decoding) hand(p *media.PCM) error {
	d.track.meter.note(p.Level)
	return d.fan.Write(p)
}

// stop ends the decode; nobody hears it any more. A packet under way may still be in it, so its codec is left to the
// garbage collector.
func (d *decoding) stop() { d.remove() }
