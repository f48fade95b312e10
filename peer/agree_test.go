package peer

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"legroom/media"
)

// TestAgreeVideo: with each offer the room is asked anew, with what all lines of video have; its answer is what is
// negotiated and what the Leg takes from then on. An offer without video asks nothing.
func TestAgreeVideo(t *testing.T) {
	e := startEngine(t, testConfig())
	var asked [][]media.CodecName
	leg := configured(t, e, LegConfig{ID: "agrees", Encrypted: true, AgreeVideo: func(offered []media.CodecName) media.CodecName {
		asked = append(asked, offered)
		return media.H264
	}}, &room{})
	if got := leg.Accepts(media.Video); len(got) != len(offeredVideo) {
		t.Errorf("takes %v before anything was agreed", got)
	}
	sound := Offer{SDP: "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n" + chromiumLine("audio", "0", "recvonly", chromiumAudio)}
	if _, err := leg.Offer(t.Context(), sound); err != nil || len(asked) != 0 {
		t.Fatalf("sound alone: %v, asked %v", err, asked)
	}
	without := slices.DeleteFunc(slices.Clone(chromiumVideo), func(f string) bool { return strings.Contains(f, "H264") })
	if _, err := leg.Offer(t.Context(), chromiumOffer(without)); !errors.Is(err, ErrNoRoomCodec) {
		t.Errorf("lacks it: %v", err)
	}
	answer, err := leg.Offer(t.Context(), chromiumOffer(chromiumVideo))
	if err != nil {
		t.Fatal(err)
	}
	if got := readAnswer(t, answer)["video"].codecs; !slices.Equal(got, []string{"H264/90000", "rtx/90000"}) {
		t.Errorf("answered %v", got)
	}
	for _, c := range leg.Accepts(media.Video) {
		if c.Name != media.H264 {
			t.Errorf("takes %s", c)
		}
	}
	if want := [][]media.CodecName{{media.VP8}, {media.VP8, media.H264}}; !slices.EqualFunc(asked, want, slices.Equal) {
		t.Errorf("asked with %v, want %v", asked, want)
	}
}

// TestCommonVideoCodecs: what only some lines have cannot be the room's.
func TestCommonVideoCodecs(t *testing.T) {
	vp8Only := []string{"96 VP8/90000", "97 rtx/90000 apt=96"}
	text := "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n" +
		chromiumLine("video", "0", "sendonly", chromiumVideo) + chromiumLine("video", "1", "recvonly", vp8Only)
	plan, err := readOffer(Offer{SDP: text, Tracks: []OfferTrack{{"0", media.Camera}}}, 8, 8)
	if err != nil {
		t.Fatal(err)
	}
	if got, video := plan.videoCodecs(); !video || !slices.Equal(got, []media.CodecName{media.VP8}) {
		t.Errorf("got %v, %v", got, video)
	}
}
