package machine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"legroom/hwaccel"
	"legroom/hwaccel/ffmpeg"
	"legroom/hwaccel/software"
	"legroom/internal/logkey"
)

// Machine is the Devices of this machine, open. Close it when all their stages are closed.
type Machine struct {
	// Devices in the order in which they are asked: graphics cards first, the processor last.
	Devices []hwaccel.Device
	// Inventory is what they can do, and what could not be opened.
	Inventory Inventory
	cards     []card
}

// Search finds out about every Device of the machine, but takes from known what was found out of the same hardware and
// driver before; of what could not be opened then it is asked again. All the rest takes some seconds a Device, and ends
// with ctx: what it cuts off is refused with its cause.
// Errors: those of software.New, without which there is no Device. A graphics card that does not work is no error.
func Search(ctx context.Context, c Config, known Inventory) (*Machine, error) {
	c = c.withDefaults()
	if err := c.Software.Validate(); err != nil {
		return nil, err
	}
	began := time.Now()
	ffmpeg.LogTo(c.Log)
	reference, measured, err := searchProcessor(ctx, c, known)
	if err != nil {
		return nil, err
	}
	m := &Machine{Inventory: Inventory{Probed: began.UTC().Round(time.Second)}}
	for _, each := range c.candidates() {
		m.Inventory.Reports = append(m.Inventory.Reports, m.searchCard(ctx, each, reference, known, c.Log))
	}
	if !measured.same {
		// Last, as it takes longest where there is no card to be found.
		measured.report.Capabilities = hwaccel.Measure(ctx, reference, reference, reference.Capabilities())
		c.Software.Measured = &measured.report.Capabilities
		if ctx.Err() != nil {
			measured.report.Identity = ""
		}
		if reference, err = software.New(ctx, c.Software); err != nil {
			return nil, fmt.Errorf("machine: %w", err)
		}
	}
	m.Inventory.Reports = append(m.Inventory.Reports, measured.report)
	m.Devices = append(m.Devices, reference)
	m.Inventory.Took = time.Since(began).Round(time.Millisecond)
	return m, nil
}

// onProcessor is the Report of the processor, and whether it was known.
type onProcessor struct {
	report hwaccel.Report
	same   bool
}

// searchProcessor makes the processor a Device by what is known, or by a probe that measures nothing yet.
func searchProcessor(ctx context.Context, c Config, known Inventory) (*software.Device, onProcessor, error) {
	var p onProcessor
	who := identity(processor(), encoders(), fmt.Sprintf("%d %% lent", c.Software.Share))
	if p.report, p.same = known.Find(software.Name, who); p.same {
		c.Software.Measured = &p.report.Capabilities
	}
	d, err := software.New(ctx, c.Software)
	if err != nil {
		return nil, p, fmt.Errorf("machine: %w", err)
	}
	if !p.same {
		p.report = hwaccel.Report{
			Device: software.Name, Identity: who, Driver: "FFmpeg " + ffmpeg.Version() + ", " + encoders() + " on " + processor(),
			Capabilities: d.Capabilities(),
		}
	}
	return d, p, nil
}

// searchCard opens one card, finds out about it unless that is known, and keeps it open if it can do anything.
func (m *Machine) searchCard(ctx context.Context, c candidate, reference hwaccel.Device, known Inventory, log *slog.Logger,
) hwaccel.Report {
	refused := func(driver string, err error) hwaccel.Report {
		// That somebody has no such card is nothing to warn of.
		log.Info("no such device", logkey.Device, c.name, logkey.Err, err)
		return hwaccel.Report{
			Device: c.name, Driver: driver, Refusals: []hwaccel.Refusal{{Reason: err.Error()}},
		}
	}
	if ctx.Err() != nil {
		return refused("", context.Cause(ctx))
	}
	d, driver, err := c.open(nil)
	if err != nil {
		return refused(driver, err)
	}
	report, same := known.Find(c.name, c.identity(driver))
	if !same {
		report = hwaccel.Examine(ctx, d, reference)
		report.Driver, report.Identity = driver, c.identity(driver)
		if ctx.Err() != nil || d.Lost() > 0 || !able(report) {
			report.Identity = "" // it may do better next time, and is to be asked
		}
	}
	for _, r := range report.Refusals {
		log.Warn("a device cannot do what it claims", logkey.Device, c.name, logkey.Kind, r.Operation.String(),
			logkey.Codec, r.Codec, logkey.Reason, r.Reason)
	}
	_ = d.Close()
	if !able(report) || d.Lost() > 0 {
		return report
	}
	// Again, as what it was found to do: what it only claims is then refused.
	if d, _, err = c.open(&report.Capabilities); err != nil {
		return refused(driver, err)
	}
	m.cards = append(m.cards, d)
	m.Devices = append(m.Devices, d)
	return report
}

// able tells whether a Device can do anything.
func able(r hwaccel.Report) bool {
	c := r.Capabilities
	return len(c.Decode)+len(c.Encode)+len(c.Scale) > 0
}

// Close gives the cards up.
func (m *Machine) Close() error {
	var all []error
	for _, c := range m.cards {
		all = append(all, c.Close())
	}
	return errors.Join(all...)
}
