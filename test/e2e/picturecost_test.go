//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"legroom/media"
	"legroom/sip/siptest"
	"legroom/test/e2e/film"
	"legroom/test/e2e/server"
)

// TestPictureCosts measures what pictures of 720p30 cost the gateway, passed on and composed: percent of a core for each room
// system. It says what it finds, and requires that all of them are seen.
func TestPictureCosts(t *testing.T) {
	if os.Getenv("LEGROOM_SOAK") == "" {
		t.Skip("measures: LEGROOM_SOAK=1")
	}
	const rate = 30
	packets := film.Packets(t, processor(t), 1280, 720, rate, 4*rate, 1_500_000)
	count := 0
	for _, frame := range packets {
		count += len(frame)
	}
	t.Logf("%d packets a second of 720p30 each way", count/4)
	for _, c := range []struct {
		name    string
		rooms   int
		listens bool // a telephone, whose mark has to be on the picture
	}{{"passed on", 4, false}, {"composed", 1, true}} {
		t.Run(c.name, func(t *testing.T) {
			var all []room
			for i := range c.rooms {
				all = append(all, room{number: strconv.Itoa(1001 + i), pictures: true})
			}
			gateway := server.Start(t, config(false, all...))
			phone := func(o siptest.Options) *siptest.Phone {
				o.Server, o.Codecs = gateway.SIP(), []media.CodecName{media.PCMU}
				return siptest.New(t, o)
			}
			var shown []*siptest.Pictures
			for _, r := range all {
				for range 2 {
					room := phone(siptest.Options{Video: []media.Codec{siptest.H264Mode1}, Feedback: siptest.AllFeedback})
					call := room.Invite(r.number)
					call.Answered()
					defer call.Bye()
					defer projectAt(t, call.Pictures, packets, siptest.H264Mode1, rate)()
					shown = append(shown, call.Pictures)
				}
				if c.listens {
					call := phone(siptest.Options{}).Invite(r.number)
					call.Answered()
					defer call.Bye()
				}
			}
			for end := time.Now().Add(60 * time.Second); ; <-time.After(50 * time.Millisecond) {
				least := len(shown[0].Frames())
				for _, p := range shown {
					least = min(least, len(p.Frames()))
				}
				if least > 5*rate {
					break
				}
				if time.Now().After(end) {
					t.Fatalf("somebody sees %d pictures", least)
				}
			}
			const length = 10 * time.Second
			before, frames := processorTime(t, gateway.Pid()), len(shown[0].Frames())
			<-time.After(length)
			spent := processorTime(t, gateway.Pid()) - before
			t.Logf("%s: %.2f %% of a core for each of %d room systems, %.1f pictures a second", c.name,
				100*spent.Seconds()/length.Seconds()/float64(len(shown)), len(shown), float64(len(shown[0].Frames())-frames)/length.Seconds())
		})
	}
}

// processorTime is what a process has used so far.
func processorTime(t *testing.T, pid int) time.Duration {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(after)
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * 10 * time.Millisecond // ticks of 100 Hz, as Linux tells them
}
