// Package web holds the built browser client and hands it out as files.
package web

import (
	"embed"
	"fmt"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

//go:embed unbuilt
var unbuilt embed.FS

// Files are the client's files with index.html at the root, as `npm run build` left them when the binary was compiled.
// Without that step there is one plain page that says so.
func Files() fs.FS {
	built, err := fs.Sub(dist, "dist")
	if err == nil {
		if _, err = fs.Stat(built, "index.html"); err == nil {
			return built
		}
	}
	page, err := fs.Sub(unbuilt, "unbuilt")
	if err != nil {
		panic(fmt.Sprintf("web: embedded page: %v", err)) // cannot be: the name is a valid path
	}
	return page
}
