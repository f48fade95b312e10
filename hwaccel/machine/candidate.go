package machine

import (
	"errors"

	"legroom/hwaccel"
	"legroom/hwaccel/nvidia"
	"legroom/hwaccel/vaapi"
)

// card is a Device that is to be closed, and may be lost.
type card interface {
	hwaccel.Device
	Lost() int
	Close() error
}

// errNoNode is why VA-API is not even tried.
var errNoNode = errors.New("there is no render node in /dev/dri: this machine has no such card, or the container was not given it")

// candidate is a graphics card that may be there.
type candidate struct {
	name string
	// hardware tells one card and its driver in the kernel from others.
	hardware string
	// open opens it with what an earlier probe found, nil for none, and gives its driver's own words.
	open func(measured *hwaccel.Capabilities) (card, string, error)
}

// identity of the card with a driver that was reached.
func (c candidate) identity(driver string) string { return identity(c.hardware, driver) }

func (c Config) candidates() []candidate {
	var all []candidate
	if len(c.Nodes) == 0 {
		all = append(all, candidate{name: "vaapi", open: func(*hwaccel.Capabilities) (card, string, error) { return nil, "", errNoNode }})
	}
	for _, node := range c.Nodes {
		all = append(all, candidate{
			name: vaapi.Name(node), hardware: renderNode(node),
			open: func(measured *hwaccel.Capabilities) (card, string, error) {
				d, err := vaapi.Open(vaapi.Config{Node: node, Driver: c.VADriver, Measured: measured, Patience: c.Patience})
				if err != nil {
					return nil, "", err
				}
				return d, d.Driver, nil
			},
		})
	}
	driver, number := nvidiaDriver()
	for n := range number {
		all = append(all, candidate{
			name: nvidia.Name(n), hardware: nvidiaCard(n),
			open: func(measured *hwaccel.Capabilities) (card, string, error) {
				d, err := nvidia.Open(nvidia.Config{Number: n, Measured: measured, Patience: c.Patience})
				if err != nil {
					return nil, driver, err
				}
				return d, driver, nil
			},
		})
	}
	return all
}
