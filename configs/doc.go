// Package configs is the gateway's configuration: the sum of each part's own Config, one place with every default, and a
// loader that refuses what it does not know, naming file, line and column of all faults at once.
package configs
