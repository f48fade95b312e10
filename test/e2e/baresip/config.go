//go:build e2e

package baresip

import (
	"cmp"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"legroom/test/e2e/wave"
)

const configText = `poll_method epoll
sip_listen 127.0.0.1:%[1]d
sip_certificate %[2]s/tls.pem
net_interface 127.0.0.1
call_max_calls 10
audio_player aubridge,null%[1]d
audio_source aufile,%[2]s/voice.wav
audio_alert aubridge,alert%[1]d
ausrc_srate 48000
ausrc_channels 1
ausrc_format s16
auplay_format s16
auenc_format s16
audec_format s16
video_source %[7]s
video_display fakevideo,nil
video_size 640x360
video_bitrate 500000
video_fps 15
videnc_format yuv420p
avcodec_h264enc libx264
avcodec_h264dec h264
rtp_ports %[4]d-%[5]d
rtcp_mux no
jitter_buffer_delay 5-10
rtp_stats yes
module_path /usr/lib/baresip/modules
module stdio.so
%[6]smodule_tmp uuid.so
module_tmp account.so
module_app contact.so
module_app debug_cmd.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:%[3]d
snd_path %[2]s/rec
`

// write puts the phone's configuration, account, voice and certificate into its folder.
func (p *Phone) write(sipPort, ctrlPort, rtpPort int) {
	p.t.Helper()
	var modules strings.Builder
	for _, m := range []string{"opus", "g722", "g711", "sndfile", "aufile", "aubridge", "fakevideo", "srtp", "dtls_srtp"} {
		fmt.Fprintf(&modules, "module %s.so\n", m)
	}
	if p.config.Video != "" { // one that knows codecs of pictures offers them
		for _, m := range []string{"avcodec", "vp8", "avformat", "swscale", "snapshot"} {
			fmt.Fprintf(&modules, "module %s.so\n", m)
		}
	}
	user := p.config.User
	if user == "" {
		user = "phone"
	}
	account := fmt.Sprintf("<sip:%s@127.0.0.1:%d;transport=%s>;regint=0;audio_codecs=%s", user, sipPort, p.config.Transport, p.config.Codec)
	if p.config.MediaEnc != "" {
		account += ";mediaenc=" + p.config.MediaEnc
	}
	film := "fakevideo,nil"
	if p.config.Film != "" {
		film = "avformat," + p.config.Film
	}
	if p.config.Video != "" {
		account += ";video_codecs=" + p.config.Video
	}
	p.file("config", []byte(fmt.Sprintf(configText, sipPort, p.dir, ctrlPort, rtpPort, rtpPort+20, modules.String(), film)))
	p.file("accounts", []byte(account+"\n"))
	p.file("contacts", nil)
	p.file("tls.pem", certificate(p.t))
	p.file("voice.wav", wave.Tone(p.config.Tone, p.config.Level, 48000, cmp.Or(p.config.Seconds, 60)))
	if err := os.MkdirAll(filepath.Join(p.dir, "rec"), 0o755); err != nil {
		p.t.Fatal(err)
	}
}

func (p *Phone) file(name string, b []byte) {
	p.t.Helper()
	if err := os.WriteFile(filepath.Join(p.dir, name), b, 0o600); err != nil {
		p.t.Fatal(err)
	}
}

// certificate makes a self-signed one for 127.0.0.1, key and certificate in one PEM.
func certificate(t *testing.T) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "127.0.0.1"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	out := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})
	return append(out, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert})...)
}
