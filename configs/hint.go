package configs

import (
	"fmt"
	"log/slog"
	"maps"
	"net/netip"
	"reflect"
	"slices"

	"legroom/rooms"
)

// readable says what a value of a type written as a word must be.
func readable(v reflect.Value, err error) string {
	switch v.Interface().(type) {
	case netip.Addr:
		return "an IP address"
	case netip.Prefix:
		return "a network such as 192.168.0.0/16"
	case slog.Level:
		return "debug, info, warn or error"
	case rooms.Mode:
		return "open, mixed or sealed"
	default:
		return fmt.Sprintf("another word (%v)", err)
	}
}

// hint names the setting that was probably meant.
func hint(key string, fields map[string]reflect.Value) string {
	best, distance := "", 3
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if d := editDistance(key, name); d < distance {
			best, distance = name, d
		}
	}
	if best == "" {
		return ""
	}
	return "; did you mean " + best + "?"
}

// editDistance is how many letters must be put in, left out or changed (Levenshtein), a change of case counting nothing
// less.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := diagonal
			if a[i-1] != b[j-1] {
				cost++
			}
			diagonal = row[j]
			row[j] = min(cost, row[j]+1, row[j-1]+1)
		}
	}
	return row[len(b)]
}
