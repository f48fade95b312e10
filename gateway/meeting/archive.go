package meeting

import (
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"legroom/e2ee"
	"legroom/e2ee/delivery"
	"legroom/e2ee/ledger"
	"legroom/internal/logkey"
)

// recentLimit is how much of a meeting is kept in memory for pages that come back where no log is kept, bytes.
const recentLimit = 8 << 20

// suffix of the files of logs.
const suffix = ".jsonl"

// archive is the log of one group.
type archive struct {
	delivery.Log
	kept *ledger.Ledger // nil where none is kept
	path string
}

// archive begins a log. Errors: ledger.ErrFull where the disk is, those of the file system.
func (a *Meetings) archive(room string, group e2ee.Group) (*archive, error) {
	if a.cfg.Dir == "" {
		return &archive{Log: delivery.NewMemoryLog(recentLimit)}, nil
	}
	name := fmt.Sprintf("%s-%s-%s%s", room, a.cfg.Now().UTC().Format("20060102T150405Z"), hex.EncodeToString(group[:]), suffix)
	path := filepath.Join(a.cfg.Dir, name)
	file, err := ledger.CreateFile(path)
	if err != nil {
		return nil, err
	}
	kept, err := ledger.New(ledger.Config{Storage: file, Signer: a.cfg.Identity, Limit: a.limit, Now: a.cfg.Now})
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &archive{Log: kept, kept: kept, path: path}, nil
}

// end closes the log; what is begun and then does not take place leaves none.
func (l *archive) end(discard bool) error {
	if l.kept == nil {
		return nil
	}
	err := l.kept.Close()
	if discard {
		err = os.Remove(l.path)
	}
	return err
}

// retire deletes logs that were ended long ago.
func (a *Meetings) retire() {
	if a.cfg.Dir == "" || a.cfg.Keep <= 0 {
		return
	}
	running := a.Running()
	// Before the names are read: a meeting that begins meanwhile has a new file anyway.
	before := a.cfg.Now().Add(-a.cfg.Keep)
	entries, err := os.ReadDir(a.cfg.Dir)
	if err != nil {
		a.cfg.Log.Warn("old logs of meetings cannot be looked for", logkey.Err, err)
		return
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() || !strings.HasSuffix(e.Name(), suffix) || running[e.Name()] || info.ModTime().After(before) {
			continue
		}
		if err := os.Remove(filepath.Join(a.cfg.Dir, e.Name())); err != nil {
			a.cfg.Log.Warn("the old log of a meeting cannot be deleted", logkey.Err, err)
		}
	}
}
