package configs

import (
	"time"

	"legroom/hwaccel/machine"
	"legroom/menu"
	"legroom/peer"
	"legroom/prompts"
	"legroom/rooms"
	"legroom/sip"
)

// Config of the whole gateway. Default has every value; configs/legroom.yaml shows them with their meaning.
type Config struct {
	// StateDir is a folder that stays between starts: certificates, PINs and links made at first start. Default "state".
	StateDir string `yaml:"stateDir"`
	// PrintInvitations has serve print PINs and links of the rooms below on the terminal: for a demo. They are never
	// logged. Default false.
	PrintInvitations bool `yaml:"printInvitations"`
	// Log says what is written to standard error.
	Log Log `yaml:"log"`
	// SIP is signalling with telephones and room systems.
	SIP sip.Config `yaml:"sip"`
	// Calls says which calls are taken and for how long.
	Calls Calls `yaml:"calls"`
	// Menu is the patience of the voice menu.
	Menu menu.Limits `yaml:"menu"`
	// Prompts are what callers hear.
	Prompts prompts.Config `yaml:"prompts"`
	// Browsers is media with web clients.
	Browsers peer.Config `yaml:"browsers"`
	// Web is the page and the signalling of web clients.
	Web Web `yaml:"web"`
	// Operate is the operator's own listener.
	Operate Operate `yaml:"operate"`
	// Encryption is what end-to-end encrypted rooms have in common.
	Encryption Encryption `yaml:"encryption"`
	// Devices are what decodes and encodes pictures: graphics cards, which are asked first, and the processor.
	Devices machine.Config `yaml:"devices"`
	// Audio is mixing and encoding in rooms.
	Audio rooms.Config `yaml:"audio"`
	// Rooms that are always there.
	Rooms []Room `yaml:"rooms"`
	// OnDemand are rooms that exist while somebody is in them.
	OnDemand []OnDemand `yaml:"onDemand"`
}

// Default is what runs where nothing is configured. It has no rooms.
func Default() Config {
	c := Config{
		StateDir:   "state",
		Log:        DefaultLog(),
		SIP:        sip.DefaultConfig(),
		Calls:      DefaultCalls(),
		Menu:       menu.DefaultLimits(),
		Prompts:    prompts.DefaultConfig(),
		Browsers:   peer.DefaultConfig(),
		Web:        DefaultWeb(),
		Operate:    DefaultOperate(),
		Encryption: DefaultEncryption(),
		Devices:    machine.DefaultConfig(),
		Audio:      rooms.DefaultConfig(),
	}
	c.SIP.StateDir = "" // the one above
	// A browser's media lives as long as its signalling may be taken up again.
	c.Browsers.Grace = time.Minute
	return c
}
