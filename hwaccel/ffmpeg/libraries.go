package ffmpeg

// Library is a C library that comes into the program with FFmpeg.
type Library struct {
	// Name and Version; a Version that only the running system knows is "of the system".
	Name, Version string
	// Licence by its SPDX name, or in FFmpeg's own words.
	Licence string
}

// Libraries lists what is linked here, for whoever has to know under which licences the program is.
func Libraries() []Library {
	const system = "of the system"
	all := []Library{{Name: "FFmpeg", Version: Version(), Licence: Licence()}}
	for _, each := range []struct {
		name, licence string
		linked        bool
	}{
		{"dav1d", "BSD-2-Clause", HasDecoder("libdav1d")},
		{"libva", "MIT", HasEncoder("h264_vaapi")},
		{"libdrm", "MIT", HasEncoder("h264_vaapi")},
		{"x264", "GPL-2.0-or-later, and so is this program", HasEncoder("libx264")},
	} {
		if each.linked {
			all = append(all, Library{Name: each.name, Version: system, Licence: each.licence})
		}
	}
	return all
}
