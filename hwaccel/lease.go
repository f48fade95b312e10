package hwaccel

import (
	"fmt"
	"sync"
)

// Load is how much of a Device something takes.
// Units: thousandths of one engine for Decode, Encode and Scale; Encoders is a count.
type Load struct {
	Decode int `json:"decode"`
	Encode int `json:"encode"`
	Scale  int `json:"scale"`
	// Encoders open at a time: there are cards that refuse more than a few however small the pictures.
	Encoders int `json:"encoders"`
}

func (l Load) plus(m Load) Load {
	return Load{l.Decode + m.Decode, l.Encode + m.Encode, l.Scale + m.Scale, l.Encoders + m.Encoders}
}

func (l Load) minus(m Load) Load {
	return Load{l.Decode - m.Decode, l.Encode - m.Encode, l.Scale - m.Scale, l.Encoders - m.Encoders}
}

func (l Load) negative() bool { return l.Decode < 0 || l.Encode < 0 || l.Scale < 0 || l.Encoders < 0 }

// Capacity is what a Device has to lend. A limit of 0 is no limit.
type Capacity struct {
	// Load limits each engine apart: two engines are 2000.
	Load
	// Total limits the sum of Decode, Encode and Scale, where one and the same engine does all (a processor).
	Total int `json:"total"`
}

func (c Capacity) holds(l Load) bool {
	within := func(used, limit int) bool { return limit == 0 || used <= limit }
	return within(l.Decode, c.Decode) && within(l.Encode, c.Encode) && within(l.Scale, c.Scale) &&
		within(l.Encoders, c.Encoders) && within(l.Decode+l.Encode+l.Scale, c.Total)
}

// Budget lends out the Capacity of one Device. A Device holds one; its methods may be called from any goroutine.
type Budget struct {
	capacity Capacity
	mu       sync.Mutex
	used     Load
}

// NewBudget makes a Budget of which nothing is lent.
func NewBudget(c Capacity) *Budget { return &Budget{capacity: c} }

// Acquire lends l, all of it or nothing. Errors: ErrBusy; a Load below zero is refused as ErrUnsupported.
func (b *Budget) Acquire(l Load) (*Lease, error) {
	if l.negative() {
		return nil, fmt.Errorf("hwaccel: acquire %+v: %w", l, ErrUnsupported)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	sum := b.used.plus(l)
	if !b.capacity.holds(sum) {
		return nil, fmt.Errorf("hwaccel: acquire %+v with %+v of %+v lent: %w", l, b.used, b.capacity, ErrBusy)
	}
	b.used = sum
	return &Lease{budget: b, load: l}, nil
}

// Used is what is lent now.
func (b *Budget) Used() Load {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.used
}

// Lease is capacity reserved on one Device until it is closed.
type Lease struct {
	budget *Budget
	load   Load
	once   sync.Once
}

// Load that was reserved.
func (l *Lease) Load() Load { return l.load }

// Close gives the capacity back; a second Close does nothing. The error is always nil, so that a Lease is an io.Closer.
func (l *Lease) Close() error {
	l.once.Do(func() {
		l.budget.mu.Lock()
		defer l.budget.mu.Unlock()
		l.budget.used = l.budget.used.minus(l.load)
	})
	return nil
}
