package hwaccel

import (
	"context"
	"errors"

	"legroom/media"
)

// Report is what was found out about one Device, or about one that could not be opened. It is kept as JSON.
type Report struct {
	// Device is its name.
	Device string `json:"device"`
	// Driver in its own words; empty where none was reached.
	Driver string `json:"driver,omitempty"`
	// Identity of hardware, driver and what drives them: when it is another, the rest no longer counts. It is empty where
	// the rest is not all there is to know.
	Identity string `json:"identity,omitempty"`
	// Capabilities that were found; none for a Device that could not be opened.
	Capabilities Capabilities `json:"capabilities,omitzero"`
	// Refusals are what it cannot do though it was asked, with reasons.
	Refusals []Refusal `json:"refusals,omitempty"`
}

// Refusal is one thing that a Device cannot do, or the whole of it.
type Refusal struct {
	// Operation and Codec that did not work; no Operation means the whole Device.
	Operation Operation       `json:"operation,omitempty"`
	Codec     media.CodecName `json:"codec,omitempty"`
	// Reason in words, with what the driver's side logged.
	Reason string `json:"reason"`
}

// Examine probes and measures a Device; its name, and nothing else of the Report, is filled in besides.
// Reference is that of Probe.
func Examine(ctx context.Context, d, reference Device) Report {
	found, err := Probe(ctx, d, reference)
	return Report{Device: d.Name(), Capabilities: Measure(ctx, d, reference, found), Refusals: refusals(err)}
}

// refusals are the ProbeErrors that Probe joined.
func refusals(err error) []Refusal {
	var joined interface{ Unwrap() []error }
	if !errors.As(err, &joined) {
		return nil
	}
	var all []Refusal
	for _, each := range joined.Unwrap() {
		var fault *ProbeError
		if errors.As(each, &fault) {
			all = append(all, Refusal{fault.Operation, fault.Codec, fault.Err.Error()})
		}
	}
	return all
}
