// Command e2eedelivery is a delivery service, and a gateway that asks for grants, for tests of the browser's side of a
// meeting: it reads one JSON object a line from its standard input, and writes what comes of it to its standard output.
// Time stands still unless it is told to go on. Each line is answered by an {"idle":true} once all is written.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"time"

	"legroom/e2ee"
	"legroom/e2ee/delivery"
	"legroom/e2ee/e2eetest"
)

// logLimit is how much the envelope log keeps, bytes.
const logLimit = 16 << 20

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		log.Fatal(err)
	}
}

// line is one order; exactly one of its fields is set, apart from Who and Message, which belong together.
type line struct {
	Config     *config         `json:"config"`
	Advance    int64           `json:"advance"`
	Connect    delivery.Member `json:"connect"`
	Disconnect delivery.Member `json:"disconnect"`
	Who        delivery.Member `json:"who"`
	Message    *message        `json:"message"`
	Ask        *ask            `json:"ask"`
	HangUp     bool            `json:"hangUp"`
	Open       *frame          `json:"open"`
	// Remind has the gateway ask again by the same request.
	Remind bool `json:"remind"`
	// Note gives the note that the gateway has.
	Note bool `json:"note"`
	// Deaf has the gateway ignore all policies from now on: it keeps the keys that it has.
	Deaf bool `json:"deaf"`
	// End forgets the group, as a gateway does once everybody has gone.
	End bool `json:"end"`
}

// config comes first. Now is Unix time in ms.
type config struct {
	Room  string   `json:"room"`
	Owner e2ee.Key `json:"owner"`
	Now   int64    `json:"now"`
}

// output is what is told: to a member, or to the test.
type output struct {
	To      delivery.Member `json:"to,omitempty"`
	Message any             `json:"message,omitempty"`
	Result  any             `json:"result,omitempty"`
	Idle    bool            `json:"idle,omitempty"`
	Vouched *vouched        `json:"vouched,omitempty"`
}

// vouched is a checkpoint that a member sent.
type vouched struct {
	Who    delivery.Member  `json:"who"`
	Leaf   uint32           `json:"leaf"`
	Epoch  uint64           `json:"epoch"`
	State  e2ee.MarkedState `json:"state"`
	Signed []byte           `json:"signed"`
	Sig    []byte           `json:"sig"`
}

func run(in io.Reader, out io.Writer) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 4<<20)
	s := &service{out: json.NewEncoder(out), connected: make(map[delivery.Member]bool), known: make(map[delivery.Member]bool)}
	for lines.Scan() {
		var l line
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			return fmt.Errorf("a line: %w", err)
		}
		if err := s.take(&l); err != nil {
			return err
		}
		if err := s.out.Encode(output{Idle: true}); err != nil {
			return err
		}
	}
	return lines.Err()
}

// service is the delivery service, its connections and its gateway.
type service struct {
	out       *json.Encoder
	config    config
	now       time.Time
	meeting   *delivery.Meeting
	connected map[delivery.Member]bool
	known     map[delivery.Member]bool
	gateway   *gateway
	// later is what the meeting told under its lock and is worked off after it.
	later []func()
}

func (s *service) take(l *line) error {
	switch {
	case l.Config != nil:
		s.config, s.now = *l.Config, time.UnixMilli(l.Config.Now)
		s.gateway = newGateway(s)
		return s.begin()
	case l.Advance > 0:
		s.now = s.now.Add(time.Duration(l.Advance) * time.Millisecond)
	case l.Connect != "":
		s.connect(l.Connect)
	case l.Disconnect != "":
		delete(s.connected, l.Disconnect)
		s.presence(l.Disconnect)
		s.meeting.Disconnect(l.Disconnect)
	case l.Message != nil:
		s.message(l.Who, l.Message)
	case l.Ask != nil:
		s.gateway.ask(l.Ask)
	case l.HangUp:
		s.gateway.hangUp()
	case l.Open != nil:
		s.write(output{Result: s.gateway.open(l.Open)})
	case l.Remind:
		s.gateway.remindAll()
	case l.Note:
		s.write(output{Result: s.gateway.note})
	case l.Deaf:
		s.gateway.deaf = true
	case l.End:
		return s.begin()
	}
	s.work()
	return nil
}

// begin has a meeting without a group.
func (s *service) begin() error {
	m, err := delivery.New(delivery.Config{
		Room: s.config.Room, Owner: s.config.Owner, Outlet: outlet{s}, Log: delivery.NewMemoryLog(logLimit),
		Now: func() time.Time { return s.now },
	})
	if err != nil {
		return err
	}
	s.meeting = m
	s.gateway.end()
	for who := range s.connected {
		m.Connect(who)
		s.hello(who)
	}
	return nil
}

func (s *service) connect(who delivery.Member) {
	s.connected[who], s.known[who] = true, true
	s.hello(who)
	s.meeting.Connect(who)
	s.presence(who)
	s.catchUp(who)
}

func (s *service) hello(who delivery.Member) {
	h := notice{"type": "hello", "seated": false}
	if _, p, ok := s.meeting.Epoch(); ok {
		_, seated := s.meeting.Leaf(who)
		h["group"], h["seated"] = p.Charter.Group[:], seated
	}
	s.tell(who, h)
}

// presence tells the other members whether the leaf of a member has a connection.
func (s *service) presence(of delivery.Member) {
	leaf, ok := s.meeting.Leaf(of)
	if !ok {
		return
	}
	for who := range s.connected {
		if _, seated := s.meeting.Leaf(who); seated && who != of {
			s.tell(who, notice{"type": "presence", "leaf": leaf, "here": s.connected[of]})
		}
	}
}

// catchUp tells a member who has just come which requests are open and who is away.
func (s *service) catchUp(who delivery.Member) {
	if _, seated := s.meeting.Leaf(who); !seated {
		return
	}
	s.gateway.remind(who)
	for other := range s.known {
		if leaf, seated := s.meeting.Leaf(other); seated && !s.connected[other] {
			s.tell(who, notice{"type": "presence", "leaf": leaf, "here": false})
		}
	}
}

func (s *service) work() {
	for len(s.later) > 0 {
		f := s.later[0]
		s.later = s.later[1:]
		f()
	}
}

func (s *service) tell(who delivery.Member, message any) {
	if s.connected[who] {
		s.write(output{To: who, Message: message})
	}
}

func (s *service) write(o output) {
	if err := s.out.Encode(o); err != nil && !errors.Is(err, os.ErrClosed) {
		log.Fatal(err)
	}
}

// identity of the gateway, the same in every run.
func identity() *e2ee.Identity { return e2ee.NewIdentity(e2eetest.Seeded(0x70)) }
