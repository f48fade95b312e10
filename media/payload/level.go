package payload

// LevelLimits are what a level of H.264 lets a decoder be asked for. Source: ITU-T H.264 table A-1.
type LevelLimits struct {
	// MaxMBPS is macroblocks (16x16) a second, MaxFS macroblocks a frame.
	MaxMBPS, MaxFS uint32
	// MaxBitrate in bit/s, of baseline and main; high may have a quarter more.
	MaxBitrate uint64
}

// Limits of the level; those of the next lower one for a level that does not exist, and of level 1 for what is below.
func (p ProfileLevel) Limits() LevelLimits {
	table := [...]struct {
		level    uint8
		mbps, fs uint32
		kbit     uint64
	}{
		{10, 1485, 99, 64}, {9, 1485, 99, 128}, {11, 3000, 396, 192}, {12, 6000, 396, 384}, {13, 11880, 396, 768}, {20, 11880, 396, 2000},
		{21, 19800, 792, 4000}, {22, 20250, 1620, 4000}, {30, 40500, 1620, 10000}, {31, 108000, 3600, 14000}, {32, 216000, 5120, 20000},
		{40, 245760, 8192, 20000}, {41, 245760, 8192, 50000}, {42, 522240, 8704, 50000}, {50, 589824, 22080, 135000},
		{51, 983040, 36864, 240000}, {52, 2073600, 36864, 240000},
	}
	best := table[0]
	for _, row := range table {
		if row.level == p.Level || row.level <= p.Level && row.level > best.level {
			best = row
		}
	}
	return LevelLimits{MaxMBPS: best.mbps, MaxFS: best.fs, MaxBitrate: best.kbit * 1000}
}
