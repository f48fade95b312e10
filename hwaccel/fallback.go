package hwaccel

import (
	"errors"
	"fmt"
)

// Fallback is the Devices of a machine in the order in which they are asked. A stage that it opens takes capacity of the
// first Device that can do the work and has room, and goes on on the next one when that Device fails or is lost.
type Fallback struct {
	// Devices, the processor last: it is what is left when all cards are gone.
	Devices []Device
	// Moved is told when a stage has gone on from one Device to another, and why; nil tells nobody. It is called in the
	// goroutine of the stage's user.
	Moved func(from, to Device, why error)
}

// place is a Device that a stage is on, and what it takes of it.
type place struct {
	index int
	lease *Lease
}

// find opens a stage on the first Device from an index on that has room for the job. Errors: ErrUnsupported when none can
// do the work, ErrBusy when one could and has no room; those of the Devices.
func (f *Fallback) find(from int, job Job, open func(Device) error) (place, error) {
	var all []error
	for i := from; i < len(f.Devices); i++ {
		d := f.Devices[i]
		load, err := d.Capabilities().Load(job)
		if err != nil {
			all = append(all, err)
			continue
		}
		lease, err := d.Acquire(load)
		if err != nil {
			all = append(all, err)
			continue
		}
		if err = open(d); err == nil {
			return place{i, lease}, nil
		}
		_ = lease.Close()
		all = append(all, err)
	}
	if len(all) == 0 {
		return place{}, fmt.Errorf("hwaccel: no device is left: %w", ErrUnsupported)
	}
	return place{}, errors.Join(all...)
}

func (f *Fallback) moved(from, to int, why error) {
	if f.Moved != nil {
		f.Moved(f.Devices[from], f.Devices[to], why)
	}
}
