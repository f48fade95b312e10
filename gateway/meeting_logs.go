package gateway

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"legroom/gateway/api"
	"legroom/gateway/meeting"
	"legroom/rooms"
)

// logSuffix ends the names of files of logs, which begin with the number of the room and a dash.
const logSuffix = ".jsonl"

// meetingLogs is what the operator sees of encrypted meetings: who could hold which keys, and no key.
type meetingLogs struct {
	rooms    *rooms.Registry
	meetings *meeting.Meetings
	folder   string
}

var _ api.MeetingLister = (*meetingLogs)(nil)

// meetingLogs of the gateway.
func (g *Gateway) meetingLogs(dir stateDir) *meetingLogs {
	return &meetingLogs{rooms: g.rooms, meetings: g.meetings, folder: dir.file(meetingFolder)}
}

// Meetings are the encrypted rooms with somebody in them.
func (l *meetingLogs) Meetings() []api.Meeting {
	var out []api.Meeting
	for _, r := range l.rooms.Rooms() {
		s := r.Snapshot()
		if !s.Mode.Encrypted() || len(s.Participants) == 0 {
			continue
		}
		m := api.Meeting{Room: s.Number, Mode: s.Mode.String()}
		for _, p := range s.Participants {
			switch {
			case p.State == rooms.Waiting:
				m.Waiting++
			case p.Kind == rooms.Phone:
				m.People, m.Phones = m.People+1, m.Phones+1
			default:
				m.People++
			}
		}
		out = append(out, m)
	}
	slices.SortFunc(out, func(a, b api.Meeting) int { return cmp.Compare(a.Room, b.Room) })
	return out
}

// Kept lists the files of logs.
func (l *meetingLogs) Kept() ([]api.KeptLog, error) {
	files, err := os.ReadDir(l.folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("gateway: logs of meetings: %w", err)
	}
	var out []api.KeptLog
	running := l.meetings.Running()
	for _, f := range files {
		room, ok := roomOfLog(f.Name())
		info, err := f.Info()
		if !ok || err != nil || !info.Mode().IsRegular() { // one that was deleted meanwhile is no fault
			continue
		}
		out = append(out, api.KeptLog{
			Room: room, File: f.Name(), Bytes: info.Size(), Modified: info.ModTime(), Running: running[f.Name()],
		})
	}
	slices.SortFunc(out, func(a, b api.KeptLog) int {
		return cmp.Or(b.Modified.Compare(a.Modified), cmp.Compare(a.File, b.File))
	})
	return out, nil
}

// roomOfLog reads the number of the room in the name of a log.
func roomOfLog(file string) (room string, ok bool) {
	name, ok := strings.CutSuffix(file, logSuffix)
	room, _, dashed := strings.Cut(name, "-")
	return room, ok && dashed && room != ""
}

// Export writes the log of the meeting that goes on in a room.
func (l *meetingLogs) Export(room string, w io.Writer) error {
	err := l.meetings.Export(room, w)
	if errors.Is(err, meeting.ErrNoMeeting) {
		return api.ErrNoLog
	}
	return err
}

// Open reads a kept log, which must be one of that room.
func (l *meetingLogs) Open(room, file string) (io.ReadCloser, error) {
	if of, ok := roomOfLog(file); !ok || of != room {
		return nil, fs.ErrNotExist
	}
	f, err := os.OpenInRoot(l.folder, file)
	if err != nil {
		return nil, fmt.Errorf("gateway: log of room %s: %w", room, err)
	}
	return f, nil
}
