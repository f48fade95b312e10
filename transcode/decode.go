package transcode

import (
	"fmt"
	"time"

	"legroom/audio"
	"legroom/media"
	"legroom/media/jitter"
)

const (
	// window is after how many packets a missing one is given up: every one of them is delay for those behind it, and
	// networks that reorder by more are rare.
	window = 2
	// longestGap is what is made up for packets that did not come; behind that it is a pause.
	longestGap = 120 * time.Millisecond
)

// Decode is the stage from packets to sound: in order, redundancy used, gaps made up, loudness measured.
// Shape: one channel at the codec's SampleRate; PCM.Timestamp is the packet's in samples. It is written by one goroutine
// at a time. Errors of Write: of the payload, which is then made up like one that did not come, and those of out.
type Decode struct {
	codec   media.Codec
	dec     audio.Decoder
	reorder *jitter.Reorder
	out     media.Sink[*media.PCM]
	pcm     media.PCM
	scale   uint32 // samples a tick of the RTP clock
	next    uint32 // timestamp expected, samples
	last    int    // samples of the last packet
	muted   bool
}

var _ media.Sink[*media.Packet] = (*Decode)(nil)

// NewDecode makes the stage. Errors: ErrNoPlan, and those of the codec.
func NewDecode(codec media.Codec, out media.Sink[*media.PCM]) (*Decode, error) {
	dec, err := newDecoder(codec)
	if err != nil {
		return nil, err
	}
	rate := codec.SampleRate()
	d := &Decode{codec: codec, dec: dec, out: out, scale: uint32(rate) / codec.ClockRate}
	d.pcm = media.PCM{Rate: rate, Samples: make([]int16, 0, rate*3/25)}
	d.Restart()
	return d, nil
}

// Restart forgets the time line: what comes next is not joined to what was before.
func (d *Decode) Restart() {
	cfg := jitter.ReorderConfig{Window: window, Spurts: true}
	d.reorder = jitter.NewReorder(cfg, media.SinkFunc[*media.Packet](d.release), d.conceal)
	d.last = 0
}

// Warm decodes a packet and throws the sound away: the decoder then knows what came before.
func (d *Decode) Warm(p *media.Packet) {
	d.muted = true
	_ = d.reorder.Write(p) // a bad packet of the past is nobody's trouble now
	d.muted = false
}

// Write takes the next packet as it arrived.
func (d *Decode) Write(p *media.Packet) error { return d.reorder.Write(p) }

// Close frees the decoder; out stays open.
func (d *Decode) Close() error {
	d.dec.Close()
	return nil
}

func (d *Decode) release(p *media.Packet) error {
	if len(p.Payload) == 0 {
		return nil
	}
	samples, err := d.dec.Decode(d.pcm.Samples[:0], p.Payload)
	if err != nil {
		samples, _ = d.dec.Conceal(d.pcm.Samples[:0], d.last)
		_ = d.hand(samples, p.Timestamp*d.scale, p, true)
		return fmt.Errorf("transcode: decode %v: %w", d.codec, err)
	}
	d.last = len(samples)
	return d.hand(samples, p.Timestamp*d.scale, p, false)
}

// conceal makes up what did not come before next, the last packet of it from next's redundancy.
func (d *Decode) conceal(_ int, next *media.Packet) {
	missing := int(int32(next.Timestamp*d.scale - d.next))
	if d.last == 0 || missing <= 0 || missing > d.pcm.Rate*int(longestGap/time.Millisecond)/1000 {
		return
	}
	for missing > d.last {
		n := min(d.last, missing-d.last)
		samples, _ := d.dec.Conceal(d.pcm.Samples[:0], n)
		_ = d.hand(samples, d.next, next, true)
		missing -= n
	}
	samples, _ := d.dec.DecodeFEC(d.pcm.Samples[:0], next.Payload)
	_ = d.hand(samples[:min(len(samples), missing)], d.next, next, true)
}

func (d *Decode) hand(samples []int16, at uint32, p *media.Packet, concealed bool) error {
	d.next = at + uint32(len(samples))
	if d.muted || len(samples) == 0 {
		return nil
	}
	d.pcm.Samples, d.pcm.Timestamp, d.pcm.Concealed = samples, at, concealed
	d.pcm.Arrived, d.pcm.Level = p.Arrived, audio.Level(samples)
	return d.out.Write(&d.pcm)
}
