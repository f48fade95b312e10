package vpx

// #include "shim.h"
import "C"

import "strings"

// Version of the libvpx that is linked, such as "1.12.0".
func Version() string { return strings.TrimPrefix(C.GoString(C.vpx_codec_version_str()), "v") }

// CallError is what libvpx answered to a call that failed.
type CallError struct {
	// Code is its vpx_codec_err_t.
	Code int
}

// Error is in libvpx's own words.
func (e *CallError) Error() string {
	return C.GoString(C.vpx_codec_err_to_string(C.vpx_codec_err_t(e.Code)))
}
