// Command publisher is the media of members of an encrypted room who have no browser: stored pictures of 320x180 and a
// stored tone, sealed anew for each of them under the keys of its leaf. The group, and the way to the gateway, are with
// whoever starts it: it reads one JSON object a line from its standard input, and writes what it answers to its standard
// output. It ends with its input.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"os"

	"legroom/e2ee/sframe"
)

func main() {
	if err := run(context.Background(), os.Stdin, os.Stdout); err != nil {
		log.Fatal(err)
	}
}

// order is one line of the input; exactly one of its fields is set.
type order struct {
	Publish *publish `json:"publish"`
	Answer  *answer  `json:"answer"`
	Keys    *keys    `json:"keys"`
	// Count asks how many frames were sent by now.
	Count bool `json:"count"`
}

// publish has a member offer its camera, and its microphone where it has a Tone, Hz.
type publish struct {
	Who  string  `json:"who"`
	Tone float64 `json:"tone"`
}

// answer is the gateway's, to the offer of a member.
type answer struct {
	Who string `json:"who"`
	SDP string `json:"sdp"`
}

// keys are those that a member seals with from now on. They come before its offer.
type keys struct {
	Who   string `json:"who"`
	Epoch uint64 `json:"epoch"`
	Leaf  int    `json:"leaf"`
	Audio []byte `json:"audio"`
	Video []byte `json:"video"`
}

// offer is what a member offers to the gateway.
type offer struct {
	Who    string  `json:"who"`
	SDP    string  `json:"sdp"`
	Tracks []track `json:"tracks"`
}

// track says what an m-line of an offer carries.
type track struct {
	MID    string `json:"mid"`
	Source string `json:"source"`
}

// output is one line of the output.
type output struct {
	Offer *offer `json:"offer,omitempty"`
	Count *count `json:"count,omitempty"`
}

// count is how many frames all members sent.
type count struct {
	Audio int64 `json:"audio"`
	Video int64 `json:"video"`
}

var errUnknown = errors.New("nobody has that name")

func run(ctx context.Context, in io.Reader, out io.Writer) error {
	clip, err := recordClip(ctx)
	if err != nil {
		return err
	}
	c := &company{clip: clip, out: json.NewEncoder(out), members: make(map[string]*member)}
	defer c.close()
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var o order
		if err := json.Unmarshal(lines.Bytes(), &o); err != nil {
			return fmt.Errorf("an order: %w", err)
		}
		if err := c.take(&o); err != nil {
			return err
		}
	}
	return lines.Err()
}

// company is everybody who publishes. One goroutine takes the orders.
type company struct {
	clip    *clip
	out     *json.Encoder
	members map[string]*member
}

func (c *company) take(o *order) error {
	switch {
	case o.Publish != nil:
		offered, err := c.of(o.Publish.Who).offer(o.Publish, c.clip)
		if err != nil {
			return fmt.Errorf("%s offers: %w", o.Publish.Who, err)
		}
		return c.out.Encode(output{Offer: offered})
	case o.Answer != nil:
		m, known := c.members[o.Answer.Who]
		if !known {
			return fmt.Errorf("answer for %s: %w", o.Answer.Who, errUnknown)
		}
		return m.answered(o.Answer.SDP)
	case o.Keys != nil:
		return c.of(o.Keys.Who).turn(o.Keys)
	case o.Count:
		sent := &count{}
		for _, m := range c.members {
			sent.Audio += m.sent(sframe.Audio)
			sent.Video += m.sent(sframe.Video)
		}
		return c.out.Encode(output{Count: sent})
	}
	return nil
}

func (c *company) of(who string) *member {
	m := c.members[who]
	if m == nil {
		m = newMember()
		c.members[who] = m
	}
	return m
}

func (c *company) close() {
	for _, m := range c.members {
		m.close()
	}
}
