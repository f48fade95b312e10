package sframe

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"testing"
)

// rfc9605 is testdata/rfc9605.json, the vectors of RFC 9605 appendix C.
type rfc9605 struct {
	Header []struct {
		KeyID   uint64 `json:"kid,string"`
		Counter uint64 `json:"ctr,string"`
		Encoded hexBytes
	}
	CTRHMAC []struct {
		Suite  Suite `json:"cipher_suite"`
		Key    hexBytes
		Nonce  hexBytes
		AAD    hexBytes
		Plain  hexBytes `json:"pt"`
		Sealed hexBytes `json:"ct"`
	} `json:"aes_ctr_hmac"`
	SFrame []struct {
		Suite    Suite    `json:"cipher_suite"`
		KeyID    uint64   `json:"kid,string"`
		Counter  uint64   `json:"ctr,string"`
		BaseKey  hexBytes `json:"base_key"`
		KeyLabel hexBytes `json:"sframe_key_label"`
		Salt     hexBytes `json:"sframe_salt"`
		Metadata hexBytes
		Nonce    hexBytes
		Plain    hexBytes `json:"pt"`
		Sealed   hexBytes `json:"ct"`
	}
}

func readRFC9605(t testing.TB) rfc9605 {
	t.Helper()
	text, err := os.ReadFile("testdata/rfc9605.json")
	if err != nil {
		t.Fatal(err)
	}
	var v rfc9605
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	if len(v.Header)+len(v.SFrame) != 294 || len(v.CTRHMAC) != 3 {
		t.Fatalf("%d, %d and %d vectors", len(v.Header), len(v.SFrame), len(v.CTRHMAC))
	}
	return v
}

func TestRFC9605Headers(t *testing.T) {
	for _, v := range readRFC9605(t).Header {
		want := Header{KeyID: v.KeyID, Counter: v.Counter}
		if got := want.Append(nil); !bytes.Equal(got, v.Encoded) {
			t.Errorf("%+v is %x, want %x", want, got, []byte(v.Encoded))
		}
		got, n, err := ParseHeader(append(bytes.Clone(v.Encoded), 0xff))
		if err != nil || got != want || n != len(v.Encoded) {
			t.Errorf("%x is %+v of %d bytes, %v", []byte(v.Encoded), got, n, err)
		}
		for cut := range v.Encoded {
			if _, _, err := ParseHeader(v.Encoded[:cut]); !errors.Is(err, ErrMalformed) {
				t.Errorf("%x: %v", []byte(v.Encoded[:cut]), err)
			}
		}
	}
}

func TestRFC9605Ciphers(t *testing.T) {
	for _, v := range readRFC9605(t).CTRHMAC {
		aead, err := newAEAD(v.Suite.shape(), v.Key)
		if err != nil {
			t.Fatal(err)
		}
		if got := aead.Seal(nil, v.Nonce, v.Plain, v.AAD); !bytes.Equal(got, v.Sealed) {
			t.Errorf("suite %d: %x", v.Suite, got)
		}
		if got, err := aead.Open(nil, v.Nonce, v.Sealed, v.AAD); err != nil || !bytes.Equal(got, v.Plain) {
			t.Errorf("suite %d: %x, %v", v.Suite, got, err)
		}
		for n := range v.Suite.Overhead() {
			if _, err := aead.Open(nil, v.Nonce, v.Sealed[:n], v.AAD); !errors.Is(err, ErrAuth) {
				t.Errorf("suite %d, %d bytes: %v", v.Suite, n, err)
			}
		}
	}
}

func TestRFC9605Frames(t *testing.T) {
	for _, v := range readRFC9605(t).SFrame {
		if got := label("key", v.Suite, v.KeyID); got != string(v.KeyLabel) {
			t.Errorf("suite %d: label %x", v.Suite, got)
		}
		k, err := NewKey(v.Suite, v.BaseKey, v.KeyID)
		if err != nil {
			t.Fatal(err)
		}
		if k.ID() != v.KeyID || !bytes.Equal(k.salt[:], v.Salt) || v.Suite.Overhead() != k.Overhead() {
			t.Errorf("suite %d: id %d, salt %x", v.Suite, k.ID(), k.salt)
		}
		got := k.Seal([]byte("kept"), v.Counter, v.Plain, v.Metadata)
		if !bytes.Equal(got, append([]byte("kept"), v.Sealed...)) || !bytes.Equal(k.nonce[:], v.Nonce) {
			t.Errorf("suite %d: %x", v.Suite, got)
		}
		plain, err := k.Open([]byte("kept"), v.Sealed, v.Metadata)
		if err != nil || !bytes.Equal(plain, append([]byte("kept"), v.Plain...)) {
			t.Errorf("suite %d: %q, %v", v.Suite, plain, err)
		}
		spoiled(t, k, v.Sealed, v.Metadata)
	}
}

// spoiled changes and cuts a good frame everywhere; nothing of that opens.
func spoiled(t *testing.T, k *Key, frame, metadata []byte) {
	t.Helper()
	for i := range frame {
		bad := bytes.Clone(frame)
		bad[i] ^= 0x10
		if got, err := k.Open([]byte("kept"), bad, metadata); err == nil || string(got) != "kept" {
			t.Errorf("byte %d changed: %q, %v", i, got, err)
		}
		_, n, _ := ParseHeader(frame)
		want := ErrAuth
		if i < n+k.Overhead() {
			want = ErrMalformed
		}
		if _, err := k.Open(nil, frame[:i], metadata); !errors.Is(err, want) {
			t.Errorf("cut to %d bytes: %v", i, err)
		}
	}
	if _, err := k.Open(nil, frame, append([]byte("x"), metadata...)); !errors.Is(err, ErrAuth) {
		t.Errorf("other metadata: %v", err)
	}
}

func TestNewKeyRefuses(t *testing.T) {
	for _, suite := range []Suite{0, 6, 8, 0xf000} {
		if _, err := NewKey(suite, run(16, 0), 1); !errors.Is(err, ErrConfig) || suite.Overhead() != 0 {
			t.Errorf("suite %d: %v", suite, err)
		}
	}
	if _, err := NewKey(AES128GCM, nil, 1); !errors.Is(err, ErrConfig) {
		t.Errorf("no base key: %v", err)
	}
}
