package version

import "strings"

// licenceOf knows the licences of what this program may link. A module that is not here shows none, and the test of this
// package fails.
func licenceOf(path string) string {
	for _, l := range []struct{ prefix, licence string }{
		{"github.com/alecthomas/kong", "MIT"}, {"github.com/asticode/", "MIT"}, {"github.com/beorn7/perks", "MIT"},
		{"github.com/cespare/xxhash", "MIT"}, {"github.com/coder/websocket", "ISC"}, {"github.com/danielgtaylor/huma", "MIT"},
		{"github.com/emiago/sipgo", "BSD-2-Clause"}, {"github.com/fxamacker/cbor", "MIT"}, {"github.com/go-text/typesetting", "BSD-3-Clause OR Unlicense"}, {"github.com/gobwas/", "MIT"}, {"github.com/goccy/go-yaml", "MIT"},
		{"github.com/google/uuid", "BSD-3-Clause"}, {"github.com/hraban/opus", "MIT"}, {"github.com/icholy/digest", "MIT"},
		{"github.com/munnerz/goautoneg", "BSD-3-Clause"}, {"github.com/pion/", "MIT"}, {"github.com/prometheus/", "Apache-2.0"},
		{"github.com/wlynxg/anet", "BSD-3-Clause"}, {"github.com/x448/float16", "MIT"}, {"golang.org/x/", "BSD-3-Clause"}, {"google.golang.org/protobuf", "BSD-3-Clause"},
		{"go.yaml.in/yaml", "MIT AND Apache-2.0"},
	} {
		if strings.HasPrefix(path, l.prefix) {
			return l.licence
		}
	}
	return ""
}
