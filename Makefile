# Legroom. `make help` lists what there is; what each target does is written in scripts/.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# Settings for go commands: where FFmpeg lies, which build tags (scripts/env.sh).
ENV = settings=$$(scripts/env.sh) && eval "$$settings" &&

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile
	@echo "Options: X264=1 (link x264; the binary is then under the GPL), FFMPEG=system (Debian 13: do not build FFmpeg)"

run: build ## install what is missing, build, and run the gateway with its demo room in the foreground
	@exec bin/legroom serve --config configs/demo.yaml

build: ## build bin/legroom
	@scripts/build.sh

test: ## everything that CI runs: lint, Go tests with -race, web tests, calls with real phones and a browser
	@scripts/test.sh

test-gpu: build ## the suite of codec devices on the graphics cards of this machine, and what their drivers say
	@$(ENV) go test -count 1 -v -run Conformance ./hwaccel/vaapi ./hwaccel/nvidia

bench: build ## Go benchmarks of the hot paths, and an encrypted room with many people; with SIPLAT=DIR (source of that load tool) cost and delay of calls too
	@$(ENV) go test -run '^$$' -bench . -benchtime 300ms ./...
	@$(ENV) scripts/scale.sh
	@if [ -n "$${SIPLAT:-}" ]; then $(ENV) scripts/density.sh; fi

soak: build ## what takes long: all combinations of calls, races, fuzzing, the Dockerfile's steps, fresh Debians
	@scripts/soak.sh

lint: ## golangci-lint, and the TypeScript checks
	@scripts/lint.sh

fmt: ## format Go and TypeScript
	@scripts/fmt.sh

env: ## print shell settings, so that plain go commands work: eval "$$(make -s env)"
	@scripts/env.sh

clean: ## remove what was built in this folder (what was built once for the machine stays in the user's cache)
	@rm -rf bin web/node_modules
	@find web/dist -mindepth 1 ! -name .keep -delete

export X264 FFMPEG
.PHONY: help run build test test-gpu bench soak lint fmt env clean
