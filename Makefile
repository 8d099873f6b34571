# One set of flags for every build: another set compiles the C parts again, for minutes.
GO      ?= go
TAGS    := x11
WINTAGS := win
export PATH := $(PATH):/usr/local/go/bin

.PHONY: help run test net-test bench benchmarks lint fuzz build windows

help: ## Show this help
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

build: ## Build assist and assist-server into build/
	@.ci/deps run
	@mkdir -p build
	$(GO) build -tags $(TAGS) -o build/ ./cmd/assist ./cmd/assist-server

run: build ## Play a whole support session on this machine, with pictures in out/
	build/assist demo --server build/assist-server --out out

test: ## Run every check and every test
	@.ci/deps
	$(GO) test -tags $(TAGS) -count=1 ./.ci/checks
	$(MAKE) build windows
	$(GO) test -tags $(TAGS) -timeout 20m ./...
	.ci/fuzz 2

net-test: ## Every port, proxy and transport in network namespaces, and injected faults, with a table in out/
	@.ci/deps
	@mkdir -p out
	ASSIST_NETTEST_ALL=1 ASSIST_NETTEST_TABLE=$(CURDIR)/out/net-test.md $(GO) test -tags $(TAGS) -count=1 -timeout 20m ./cmd/internal/nettest
	@cat out/net-test.md

lint: ## Run only the checks: layers, comments, formatting, vet
	@.ci/deps
	$(GO) test -tags $(TAGS) -count=1 ./.ci/checks

fuzz: ## Run every fuzz target for a minute
	@.ci/deps
	.ci/fuzz 60

windows: ## Cross-compile everything for Windows
	@.ci/deps
	@mkdir -p build
	CGO_ENABLED=1 GOOS=windows GOARCH=amd64 CC=x86_64-w64-mingw32-gcc $(GO) build -tags $(WINTAGS) -o build/ ./cmd/assist ./cmd/assist-server

bench: build ## Measure whole sessions on real displays, beside TigerVNC if it is there; ARGS=--quick takes 3 minutes, not 13
	$(GO) build -tags $(TAGS) -o build/ ./cmd/assist-bench && build/assist-bench $(ARGS)

benchmarks: ## Run the benchmarks of the packages
	@.ci/deps
	$(GO) test -tags $(TAGS) -run '^$$' -bench . -benchtime 1s ./app/... ./media/... ./signaling/...
