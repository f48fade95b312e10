package meeting

import "encoding/json"

// Person and Space are what tests play.
type (
	Person = person
	Space  = space
)

// OfSpace is Of for a room that a test plays, and the others are as their names without As, for a person.
func (a *Meetings) OfSpace(s Space) *Meeting { return a.of(s) }

func (m *Meeting) EnterAs(p Person, tell func(json.RawMessage)) *Member { return m.enter(p, tell) }

func (m *Meeting) GoneAs(p Person) { m.gone(p) }

func (m *Meeting) GuardAs(p Person) func([]byte) bool {
	owns := m.guard(p)
	return func(payload []byte) bool { own, _ := owns(payload); return own }
}

func (m *Meeting) SeatedAs(p Person) bool {
	_, seated := m.guard(p)(nil)
	return seated
}

func (m *Meeting) AskAs(p Person, l Line) (*Plea, error) { return m.ask(p, l) }

// Leg is the number of the line.
func (pl *Plea) Leg() uint16 { return pl.leg.No }

// SetLimit bounds the logs that begin from now on, bytes.
func (a *Meetings) SetLimit(n int64) { a.limit = n }

// Used tells how many rooms have a Meeting.
func (a *Meetings) Used() int { return len(a.list()) }

// Retire deletes old logs now.
func (a *Meetings) Retire() { a.retire() }

// Decode reads a message.
func Decode(text []byte) error {
	_, err := decode(text)
	return err
}

// Cut shortens a text.
func Cut(s string, most int) string { return cut(s, most) }
