package gateway

import (
	"context"
	"strings"

	"legroom/hwaccel"
	"legroom/hwaccel/machine"
	"legroom/internal/logkey"
)

// findDevices finds out what makes pictures on this machine, hands it to the rooms and keeps it until ctx ends. At the first
// start, and after a change of hardware or driver, that takes some seconds, in which calls are taken and have sound; after
// that the state folder knows. A machine without a graphics card has its processor.
func (g *Gateway) findDevices(ctx context.Context) error {
	if !g.cfg.Devices.Use {
		return nil
	}
	folder := g.cfg.StateDir
	known, err := machine.Load(folder)
	if err != nil {
		g.log.Warn("what was found out about video devices cannot be read; it is found out again", logkey.Err, err)
	}
	cfg := g.cfg.Devices
	cfg.Log = g.log
	found, err := machine.Search(ctx, cfg, known)
	if err != nil {
		// The rooms go on without pictures of their own.
		g.log.Error("no video device works; room systems have sound only", logkey.Err, err)
		return nil
	}
	defer func() { _ = found.Close() }()
	if ctx.Err() != nil {
		return nil
	}
	if err := found.Inventory.Save(folder); err != nil {
		g.log.Warn("what was found out about video devices cannot be kept", logkey.Err, err)
	}
	g.log.Info("video devices", "devices", strings.Join(names(found.Devices), " "), logkey.DurationMS, found.Inventory.Took.Milliseconds())
	return g.rooms.UseDevices(ctx, found.Devices)
}

func names(devices []hwaccel.Device) []string {
	list := make([]string, len(devices))
	for i, d := range devices {
		list[i] = d.Name()
	}
	return list
}
