package openh264

// #include "shim.h"
import "C"

import "fmt"

// complexity of the search for the best way to encode. With the rest of the settings as they are, the higher ones make the
// same pictures (docs/hardware.md).
const complexity = C.LOW_COMPLEXITY

// Version of the OpenH264 that is linked, such as "2.3.1".
func Version() string {
	v := C.WelsGetCodecVersion()
	return fmt.Sprintf("%d.%d.%d", v.uMajor, v.uMinor, v.uRevision)
}

// CallError is what OpenH264 answered to a call that failed.
type CallError struct {
	// Code is its CM_RETURN.
	Code int
}

// Error names the code as OpenH264's header does.
func (e *CallError) Error() string {
	names := map[int]string{
		C.cmInitParaError: "cmInitParaError", C.cmUnknownReason: "cmUnknownReason", C.cmMallocMemeError: "cmMallocMemeError",
		C.cmInitExpected: "cmInitExpected", C.cmUnsupportedData: "cmUnsupportedData",
	}
	if name := names[e.Code]; name != "" {
		return name
	}
	return fmt.Sprintf("CM_RETURN %d", e.Code)
}
