package machine

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"legroom/hwaccel/ffmpeg"
	"legroom/hwaccel/software"
)

// identity joins what makes an earlier probe count no longer when it changes.
func identity(parts ...string) string {
	parts = append(parts, "FFmpeg "+ffmpeg.Version())
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), "; ")
}

// encoders are the libraries that encode on the processor: another version may be faster, or do more.
func encoders() string {
	var words []string
	for _, l := range software.Libraries() {
		words = append(words, l.Name+" "+l.Version)
	}
	return strings.Join(words, ", ")
}

// processor is the model, and how many cores of it there are.
func processor() string {
	text, _ := os.ReadFile("/proc/cpuinfo") // without it the number of cores has to do
	return fmt.Sprintf("%s, %d cores", field(string(text), "model name"), runtime.GOMAXPROCS(0))
}

// field is the value of the first line "name : value".
func field(text, name string) string {
	for line := range strings.Lines(text) {
		key, value, found := strings.Cut(line, ":")
		if found && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}

// renderNode is the card behind a render node, by its numbers on the bus, and its driver in the kernel.
func renderNode(node string) string {
	device := filepath.Join("/sys/class/drm", filepath.Base(node), "device")
	read := func(name string) string {
		text, _ := os.ReadFile(filepath.Join(device, name))
		return strings.TrimSpace(string(text))
	}
	driver, _ := os.Readlink(filepath.Join(device, "driver"))
	release, _ := os.ReadFile("/proc/sys/kernel/osrelease")
	return fmt.Sprintf("%s %s:%s rev %s, %s of Linux %s", node, read("vendor"), read("device"), read("revision"),
		filepath.Base(driver), strings.TrimSpace(string(release)))
}

// nvidiaDriver is the kernel's driver of NVIDIA in its own words and how many cards it has. Without one it says that there
// is one card: who asks to open it is told why that does not work.
func nvidiaDriver() (string, int) {
	text, _ := os.ReadFile("/proc/driver/nvidia/version")
	words := field(string(text), "NVRM version")
	cards, _ := filepath.Glob("/proc/driver/nvidia/gpus/*") // the pattern is a good one
	if words == "unknown" {
		return "", 1
	}
	return words, max(len(cards), 1)
}

// nvidiaCard is the model and serial of one card, which NVIDIA counts as the bus does.
func nvidiaCard(number int) string {
	cards, _ := filepath.Glob("/proc/driver/nvidia/gpus/*/information")
	if number >= len(cards) {
		return fmt.Sprintf("card %d", number)
	}
	text, _ := os.ReadFile(cards[number])
	return field(string(text), "Model") + " " + field(string(text), "GPU UUID")
}
