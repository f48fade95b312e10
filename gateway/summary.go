package gateway

import (
	"time"

	"legroom/gateway/api"
	"legroom/internal/logkey"
	"legroom/media"
	"legroom/menu"
	"legroom/transcode"
)

// describe is the call as the operator sees it.
func (c *caller) describe() api.Call {
	c.mu.Lock()
	state := c.state
	c.mu.Unlock()
	stats := c.leg.Stats()
	call := api.Call{
		ID: c.dialog.CallID(), From: c.dialog.From().Masked(), Source: c.dialog.Source().String(), Transport: c.dialog.Transport(),
		Role: "guest", Phase: state.Phase.String(), Codec: c.leg.Codec().String(), Security: c.leg.Security().String(),
		CallPlans: api.CallPlans{Plan: planOf(c.leg.Codec())}, Started: c.started, Received: stats.PacketsIn, Sent: stats.PacketsOut, Lost: stats.Lost,
		JitterMS: float64(stats.Jitter) / float64(time.Millisecond),
	}
	if plan, sees := c.sees(); sees {
		call.Pictures = plan.String()
	}
	if state.Host {
		call.Role = "host"
	}
	if state.Phase == menu.InTheLobby || state.Phase == menu.InTheRoom {
		call.Room = state.Room // what was dialled before may be anything, a PIN in the wrong place too
		if policy, ok := c.host.cfg.Directory.policy(state.Room); ok {
			call.Mode = policy.Mode.String()
			// Nothing but a grant lets a telephone into an encrypted room, and its end puts it out.
			call.Granted = policy.Mode.Encrypted() && state.Phase == menu.InTheRoom
		}
	}
	return call
}

// planOf names the conversions of a telephone's sound on its way to browsers. The mix is decoded and encoded besides.
func planOf(c media.Codec) string {
	if c.Name == "" {
		return ""
	}
	browser := media.Codec{Name: media.Opus, ClockRate: 48000, Channels: 2, PacketTime: 20 * time.Millisecond}
	plan, err := transcode.PlanAudio(c, browser)
	if err != nil {
		return err.Error()
	}
	return plan.String()
}

// summary is the one line at the end of a call, and a record of it if it was refused by voice.
func (c *caller) summary() {
	call := c.describe()
	reason := "hung up"
	if cause := c.dialog.Cause(); cause != nil {
		reason = cause.Error()
	}
	if c.fate.cause != nil {
		reason = c.fate.cause.String()
	}
	c.log.Info("leg closed", logkey.Reason, reason, logkey.DurationMS, time.Since(c.started).Milliseconds(),
		logkey.Room, call.Room, logkey.Mode, call.Mode, logkey.Role, call.Role, logkey.Codec, call.Codec, logkey.Security, call.Security, logkey.Plan, call.Plan,
		"pictures", call.Pictures,
		"received_pkts", call.Received, "sent_pkts", call.Sent, "lost_pkts", call.Lost, "jitter_ms", call.JitterMS)
}

// sees tells how what a room system sees is carried to it.
func (c *caller) sees() (transcode.Plan, bool) {
	if who := c.seatedAs.Load(); who != nil {
		return who.PicturePlan()
	}
	return transcode.Plan{}, false
}
