package sdp

import (
	"encoding/base64"
	"strings"
	"testing"
)

func TestParseCrypto(t *testing.T) {
	key30 := base64.StdEncoding.EncodeToString(make([]byte, 30))
	key46 := base64.RawStdEncoding.EncodeToString(make([]byte, 46))
	key28 := base64.RawStdEncoding.EncodeToString(make([]byte, 28))
	cases := map[string]struct {
		in    string
		suite Suite
		mki   string
		fault string
	}{
		"plain":              {in: "1 AES_CM_128_HMAC_SHA1_80 inline:" + key30, suite: AESCM128HMACSHA180},
		"no padding":         {in: "1 AES_256_CM_HMAC_SHA1_80 inline:" + key46, suite: AES256CMHMACSHA180},
		"gcm":                {in: "1 AEAD_AES_128_GCM inline:" + key28, suite: AEADAES128GCM},
		"lifetime":           {in: "1 AES_CM_128_HMAC_SHA1_32 inline:" + key30 + "|2^31", suite: AESCM128HMACSHA132},
		"lifetime in digits": {in: "1 AES_CM_128_HMAC_SHA1_32 inline:" + key30 + "|281474976710656", suite: AESCM128HMACSHA132},
		"mki":                {in: "1 AES_CM_128_HMAC_SHA1_80 inline:" + key30 + "|2^48|1:4", suite: AESCM128HMACSHA180, mki: "\x00\x00\x00\x01"},
		"long mki":           {in: "1 AES_CM_128_HMAC_SHA1_80 inline:" + key30 + "|258:10", suite: AESCM128HMACSHA180, mki: "\x00\x00\x00\x00\x00\x00\x00\x00\x01\x02"},
		"mki too big":        {in: "1 AES_CM_128_HMAC_SHA1_80 inline:" + key30 + "|256:1", fault: "identifier"},
		"mki of no length":   {in: "1 AES_CM_128_HMAC_SHA1_80 inline:" + key30 + "|1:0", fault: "identifier"},
		"short lifetime":     {in: "1 AES_CM_128_HMAC_SHA1_80 inline:" + key30 + "|2^10", fault: "shorter"},
		"broken lifetime":    {in: "1 AES_CM_128_HMAC_SHA1_80 inline:" + key30 + "|2^99", fault: "shorter"},
		"wsh, fec order":     {in: "1 AES_CM_128_HMAC_SHA1_80 inline:" + key30 + " WSH=64 FEC_ORDER=FEC_SRTP -x KDR=0", suite: AESCM128HMACSHA180},
		"kdr":                {in: "1 AES_CM_128_HMAC_SHA1_80 inline:" + key30 + " KDR=5", fault: "session parameter"},
		"unencrypted":        {in: "1 AES_CM_128_HMAC_SHA1_80 inline:" + key30 + " UNENCRYPTED_SRTP", fault: "protection off"},
		"unauthenticated":    {in: "1 AES_CM_128_HMAC_SHA1_80 inline:" + key30 + " UNAUTHENTICATED_SRTP", fault: "protection off"},
		"two keys":           {in: "1 AES_CM_128_HMAC_SHA1_80 inline:" + key30 + "|1:1;inline:" + key30 + "|2:1", fault: "several"},
		"short key":          {in: "1 AES_CM_128_HMAC_SHA1_80 inline:" + key28, fault: "length"},
		"no base64":          {in: "1 AES_CM_128_HMAC_SHA1_80 inline:???", fault: "length"},
		"null":               {in: "1 NULL_HMAC_SHA1_80 inline:" + key30, fault: "suite"},
		"bad tag":            {in: "x AES_CM_128_HMAC_SHA1_80 inline:" + key30, fault: "tag"},
		"not inline":         {in: "1 AES_CM_128_HMAC_SHA1_80 uri:" + key30, fault: "inline"},
		"short":              {in: "1 AES_CM_128_HMAC_SHA1_80", fault: "read"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			l := parseCrypto(c.in)
			if c.fault != "" {
				if !strings.Contains(l.fault, c.fault) || l.Key != nil {
					t.Errorf("fault %q, want %q", l.fault, c.fault)
				}
				return
			}
			if l.fault != "" || l.Suite != c.suite || string(l.MKI) != c.mki || len(l.Key) != c.suite.KeyLen()+c.suite.SaltLen() {
				t.Errorf("%+v", l)
			}
			if again := parseCrypto(l.attribute().Value); again.fault != "" || string(again.Key) != string(l.Key) {
				t.Errorf("written as %q", l.attribute().Value)
			}
			if strings.Contains(l.String()+l.subject, "inline") {
				t.Error("the key is in the words")
			}
		})
	}
}

func TestFingerprint(t *testing.T) {
	der := []byte("certificate")
	f := FingerprintOf(der)
	if !f.Matches(der) || f.Matches([]byte("other")) || (Fingerprint{Hash: "sha-1", Value: f.Value}).Matches(der) || (Fingerprint{}).Matches(der) {
		t.Error("match")
	}
	m := &parse(t, body("a=fingerprint:SHA-256 "+strings.ToLower(f.Value), "a=fingerprint:sha-1 AA", "a=setup:actpass", "m=audio 1 RTP/AVP 0")).Media[0]
	if got := m.fingerprints(); len(got) != 1 || got[0] != f || m.setup() != setupActpass {
		t.Errorf("session level: %v %s", got, m.setup())
	}
}

func TestSecret(t *testing.T) {
	s := NewSecret()
	first, again := s.key(AEADAES256GCM, 0, "x"), s.key(AEADAES256GCM, 0, "x")
	if string(first) != string(again) {
		t.Error("not the same twice")
	}
	seen := map[string]bool{}
	for _, k := range [][]byte{s.key(AEADAES256GCM, 0, "x"), s.key(AEADAES256GCM, 1, "x"), s.key(AEADAES256GCM, 0, "y"), NewSecret().key(AEADAES256GCM, 0, "x")} {
		if len(k) != 44 || seen[string(k)] {
			t.Errorf("key of %d bytes, seen %v", len(k), seen[string(k)])
		}
		seen[string(k)] = true
	}
}
