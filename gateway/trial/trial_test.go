package trial_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"legroom/configs"
	"legroom/gateway"
	"legroom/gateway/trial"
	"legroom/media"
	"legroom/rooms"
	"legroom/sip"
	"legroom/sip/sdp"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// serve runs a gateway with quiet rooms until the test ends, and gives the URI of one.
func serve(t *testing.T) string {
	t.Helper()
	c := configs.Default()
	c.StateDir = t.TempDir()
	c.Devices.Use = false
	c.SIP.Listen = []sip.ListenConfig{{Network: "udp", Address: "127.0.0.1:0"}, {Network: "tls", Address: "127.0.0.1:0"}}
	c.SIP.RTP.Address = netip.MustParseAddr("127.0.0.1")
	c.SIP.RTP.PortMin, c.SIP.RTP.PortMax = 0, 0
	c.Web.Listen, c.Operate.Listen, c.Browsers.UDP, c.Browsers.TCP = "127.0.0.1:0", "", "127.0.0.1:0", "127.0.0.1:0"
	c.Calls.Drain = 0
	room := configs.OnDemand{Pattern: "9[0-9]", RoomSettings: configs.DefaultRoomSettings()}
	room.Mode, room.PIN, room.HostPIN, room.Lobby, room.Announce, room.Music = rooms.Open, configs.NoPIN, configs.NoPIN, false, false, false
	c.OnDemand = []configs.OnDemand{room}
	g, err := gateway.New(c, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- g.Run(ctx, nil) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	return fmt.Sprintf("sip:90@%s", g.SIPAddr("udp"))
}

// TestTwoCallsHearEachOther has each of two test calls send its own tone: each reports the other's.
func TestTwoCallsHearEachOther(t *testing.T) {
	for _, c := range []struct {
		codec media.CodecName
		srtp  string
	}{{media.PCMU, "none"}, {media.Opus, "dtls"}, {media.G722, "sdes"}} {
		t.Run(string(c.codec)+" "+c.srtp, func(t *testing.T) {
			uri := serve(t)
			file := filepath.Join(t.TempDir(), "heard.wav")
			type result struct {
				report trial.Report
				err    error
			}
			other := make(chan result, 1)
			call := func(tone float64, record string) result {
				r, err := trial.Call(t.Context(), trial.CallConfig{
					To: uri, Codecs: []media.CodecName{c.codec}, SRTP: c.srtp, Tone: tone, Record: record,
					Duration: 4 * time.Second, Log: slog.New(slog.DiscardHandler),
				})
				return result{r, err}
			}
			// A busy machine breaks tones: a clean second must come before the deadline, and then it must be clean.
			var mine, theirs result
			clean := func() bool {
				return math.Abs(mine.report.Tone-440) <= 1 && mine.report.Share > .99 &&
					math.Abs(theirs.report.Tone-1000) <= 1 && theirs.report.Share > .99
			}
			for deadline := time.Now().Add(time.Minute); ; {
				go func() { other <- call(440, "") }()
				mine, theirs = call(1000, file), <-other
				if err := errors.Join(mine.err, theirs.err); err != nil {
					t.Fatal(err)
				}
				if clean() {
					break
				}
				if time.Now().After(deadline) {
					t.Fatalf("heard %.0f Hz (%.3f) and %.0f Hz (%.3f)", mine.report.Tone, mine.report.Share, theirs.report.Tone, theirs.report.Share)
				}
			}
			if mine.report.Received < 100 || mine.report.Sent < 100 || mine.report.FirstPacket <= 0 || mine.report.FirstSound < mine.report.FirstPacket || mine.report.End != nil {
				t.Errorf("report %+v", mine.report)
			}
			var words bytes.Buffer
			if err := mine.report.Write(&words); err != nil || !strings.Contains(words.String(), " Hz") {
				t.Errorf("%v in words:\n%s", err, words.String())
			}
			wave, err := os.ReadFile(file)
			if err != nil || len(wave) < 44 || string(wave[:4]) != "RIFF" || int(binary.LittleEndian.Uint32(wave[40:44])) != len(wave)-44 {
				t.Errorf("recording of %d bytes: %v", len(wave), err)
			}
		})
	}
}

func TestCallRefused(t *testing.T) {
	uri := serve(t)
	_, err := trial.Call(t.Context(), trial.CallConfig{
		To: uri, Codecs: []media.CodecName{media.PCMU}, SRTP: "aes", Duration: time.Second, Log: slog.New(slog.DiscardHandler),
	})
	if err == nil {
		t.Fatal("a kind of SRTP that does not exist must be refused")
	}
}

const offer = "v=0\r\no=- 1 1 IN IP4 192.0.2.7\r\ns=-\r\nc=IN IP4 192.0.2.7\r\nt=0 0\r\n" +
	"m=audio 4000 RTP/AVP 0 8 18\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0\r\n" +
	"m=video 4002 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"

func TestAnswer(t *testing.T) {
	text := answered(t, sip.DefaultConfig(), "m=audio 20000", "m=video 20002", "a=content:main", "taken    m=video", "H264/90000, sendrecv")
	soundAlone := sip.DefaultConfig()
	soundAlone.Video.Codecs = nil
	answered(t, soundAlone, "m=audio 20000", "m=video 0", "refused  m=video")
	for _, line := range strings.Split(text, "\n") {
		if _, key, ok := strings.Cut(line, "inline:"); ok && key != "…" {
			t.Errorf("a key is shown: %s", line)
		}
	}
}

// answered gives what is written of the answer, with certain words in it.
func answered(t *testing.T, cfg sip.Config, words ...string) string {
	t.Helper()
	var out bytes.Buffer
	if err := trial.Answer(&out, []byte(offer), cfg); err != nil {
		t.Fatal(err)
	}
	for _, want := range words {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in:\n%s", want, out.String())
		}
	}
	return out.String()
}

func TestAnswerRefused(t *testing.T) {
	cfg := sip.DefaultConfig()
	cfg.Codecs = []media.CodecName{media.Opus}
	var out bytes.Buffer
	err := trial.Answer(&out, []byte(offer), cfg)
	if !errors.Is(err, sdp.ErrNoCommonCodec) || !strings.Contains(out.String(), "Refused with 488") || !strings.Contains(out.String(), "refused ") {
		t.Fatalf("%v:\n%s", err, out.String())
	}
	if err := trial.Answer(&out, []byte("hello"), cfg); !errors.Is(err, sdp.ErrSyntax) {
		t.Fatalf("error %v", err)
	}
}
