package peer

import (
	"slices"
	"strings"

	"legroom/media"
)

// agreed gives the one video codec of the Leg's room for an offer; empty for any. Where it is a matter of what browsers
// offer, it is asked for with each offer: the room may have agreed since the Leg was made.
func (l *Leg) agreed(p *offerPlan) media.CodecName {
	if l.cfg.AgreeVideo == nil {
		return l.cfg.VideoCodec
	}
	offered, video := p.videoCodecs()
	if !video {
		return l.roomCodec()
	}
	codec := l.cfg.AgreeVideo(offered)
	l.codec.Store(&codec)
	return codec
}

// roomCodec is what was agreed last.
func (l *Leg) roomCodec() media.CodecName {
	if codec := l.codec.Load(); codec != nil {
		return *codec
	}
	return l.cfg.VideoCodec
}

// videoCodecs are those of ours that every line of video has; false where there is no such line.
func (p *offerPlan) videoCodecs() (common []media.CodecName, video bool) {
	for _, c := range offeredVideo {
		if !slices.Contains(common, c.Name) {
			common = append(common, c.Name)
		}
	}
	for _, l := range p.lines {
		if l.kind != media.Video || l.refused != "" {
			continue
		}
		video = true
		names, _ := formatsOf(l.media)
		common = slices.DeleteFunc(common, func(c media.CodecName) bool {
			return !slices.ContainsFunc(l.media.MediaName.Formats, func(pt string) bool { return strings.EqualFold(names[pt], string(c)) })
		})
	}
	return common, video
}
