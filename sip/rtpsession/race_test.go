//go:build race

package rtpsession

const raceEnabled = true
