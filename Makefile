# Two commands do everything from a fresh clone: make demo, make test.
SHELL := /bin/bash
.DELETE_ON_ERROR:
.PHONY: demo test lint fmt bench build release clean

GO       ?= go
BIN      := bin
TAGS     := netgo,osusergo
VERSION  := $(shell git describe --tags --always --dirty 2>/dev/null || echo development)
LDFLAGS  := -s -w -X main.version=$(VERSION) -linkmode external -extldflags "-static"
LINT     := $(BIN)/golangci-lint

demo: build ## Start the sources with a shop's data and query them together
	$(BIN)/skein demo $(DEMO_FLAGS)

test: ## Run every test, with the race detector, against real sources and clients
	$(GO) test -race -timeout 40m ./...

lint: $(LINT) ## Check the rules of the house
	$(LINT) run --allow-parallel-runners ./...

fmt: $(LINT)
	$(LINT) fmt ./...

$(LINT): internal/tools/go.mod
	cd internal/tools && $(GO) build -o ../../$(LINT) github.com/golangci/golangci-lint/v2/cmd/golangci-lint

bench: build ## Measure against peers on the same data in the same run
	$(GO) run ./bench $(BENCH_FLAGS)

build: ## Write the static binary bin/skein
	CGO_ENABLED=1 $(GO) build -trimpath -tags $(TAGS) -ldflags '$(LDFLAGS)' -o $(BIN)/skein ./cmd/skein
	@du -h $(BIN)/skein | cut -f1 | sed 's|^|$(BIN)/skein: |'

release: ## Archives with checksums, for the platforms that this machine's compilers can build
	./internal/release.sh $(VERSION)

clean:
	rm -rf $(BIN) dist
