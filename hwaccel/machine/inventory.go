// Package machine finds the Devices of this machine, finds out what each can do, and keeps that between starts.
package machine

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"legroom/hwaccel"
	"legroom/internal/wholefile"
)

// fileName of an Inventory in the state folder.
const fileName = "devices.json"

// Inventory is what was found out about the Devices of a machine.
type Inventory struct {
	// Probed is when.
	Probed time.Time `json:"probed"`
	// Took is how long, rounded to milliseconds.
	Took time.Duration `json:"tookNanoseconds"`
	// Reports of all Devices, graphics cards first and the processor last, which is the order in which they are asked.
	Reports []hwaccel.Report `json:"reports"`
}

// Find gives the Report of a Device whose identity is still the same.
func (i Inventory) Find(device, identity string) (hwaccel.Report, bool) {
	n := slices.IndexFunc(i.Reports, func(r hwaccel.Report) bool { return r.Device == device && r.Identity == identity })
	if n < 0 {
		return hwaccel.Report{}, false
	}
	return i.Reports[n], true
}

// Save puts it into the state folder, which is made if need be. Errors: those of the file system.
func (i Inventory) Save(folder string) error {
	data, err := json.MarshalIndent(i, "", "  ")
	if err != nil {
		return fmt.Errorf("machine: save: %w", err)
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("machine: save: %w", err)
	}
	if err := wholefile.Write(wholefile.File{Path: filepath.Join(folder, fileName), Data: append(data, '\n')}); err != nil {
		return fmt.Errorf("machine: save: %w", err)
	}
	return nil
}

// Load reads what Save wrote; a folder that has none gives an empty Inventory. Errors: those of the file system, and of a
// file that is damaged; everything can be found out again.
func Load(folder string) (Inventory, error) {
	var i Inventory
	data, err := os.ReadFile(filepath.Join(folder, fileName))
	if errors.Is(err, fs.ErrNotExist) {
		return i, nil
	}
	if err == nil {
		err = json.Unmarshal(data, &i)
	}
	if err != nil {
		return Inventory{}, fmt.Errorf("machine: load: %w", err)
	}
	return i, nil
}
