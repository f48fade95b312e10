// Command generate makes the audio of package prompts from its texts: speech by festival and espeak-ng, the lobby's music
// and the tones by arithmetic. Run it in the repository's root after a text was changed:
//
//	go run ./prompts/generate
//
// It needs festival with festvox-us-slt-hts, espeak-ng and sox. Texts whose sum has not changed are left alone.
package main

import (
	"context"
	"fmt"
	"log"
	"maps"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"

	"legroom/audio/g722"
	"legroom/prompts"
)

const root = "prompts"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := generate(ctx); err != nil {
		log.Fatal(err)
	}
}

func generate(ctx context.Context) error {
	for name, pcm := range map[string][]int16{
		prompts.Music: music(), prompts.EntryTone: entryTone(), prompts.Beep: beep(),
	} {
		if err := store(filepath.Join(root, "audio", name+".g722"), pcm); err != nil {
			return err
		}
	}
	files, err := filepath.Glob(filepath.Join(root, "*.yaml"))
	if err != nil {
		return err
	}
	for _, file := range files {
		lang := strings.TrimSuffix(filepath.Base(file), ".yaml")
		if err := language(ctx, file, filepath.Join(root, "audio", lang)); err != nil {
			return fmt.Errorf("%s: %w", lang, err)
		}
	}
	return nil
}

// language speaks what is new, and takes away what has no text any more.
func language(ctx context.Context, file, dir string) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	texts, err := prompts.ParseTexts(b)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	sums := filepath.Join(dir, "sums")
	old, err := os.ReadFile(sums)
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	spoken, done := texts.Spoken(), slices.Collect(strings.Lines(string(old)))
	for line := range strings.Lines(texts.Sums()) {
		name := strings.Fields(line)[1]
		path := filepath.Join(dir, name+".g722")
		if _, err := os.Stat(path); err == nil && slices.Contains(done, line) {
			continue
		}
		pcm, err := speak(ctx, texts.Voice, spoken[name])
		if err != nil {
			return fmt.Errorf("speak %s: %w", name, err)
		}
		if err := store(path, finish(pcm)); err != nil {
			return err
		}
		log.Printf("%s: %.1f s", path, float64(len(pcm))/g722.Rate)
	}
	if err := removeOthers(dir, spoken); err != nil {
		return err
	}
	return os.WriteFile(sums, []byte(texts.Sums()), 0o644)
}

func removeOthers(dir string, spoken map[string]string) error {
	files, err := filepath.Glob(filepath.Join(dir, "*.g722"))
	if err != nil {
		return err
	}
	names := slices.Collect(maps.Keys(spoken))
	for _, f := range files {
		if !slices.Contains(names, strings.TrimSuffix(filepath.Base(f), ".g722")) {
			if err := os.Remove(f); err != nil {
				return err
			}
		}
	}
	return nil
}

// store writes sound at 16000 Hz as G.722.
func store(path string, pcm []int16) error {
	code, err := g722.NewEncoder().Encode(nil, pcm[:len(pcm)&^1])
	if err != nil {
		return err
	}
	return os.WriteFile(path, code, 0o644)
}
