# Landfall. `make` alone lists the targets; demo and test work on a fresh Debian 12 with Swift 6.3, as root.

PREFIX ?= /usr/local
BUILD := .build/debug
RELEASE := .build/release
# Build and programs see these variables of yours and no others: a DOCKER_HOST or a CLOUDFLARE_API_TOKEN stays out.
CLEAN := env -i PATH="$$PATH" HOME="$$HOME" TERM="$$TERM" LANG=C.UTF-8
SWIFT := $(CLEAN) swift
SOURCES := Sources Tests Package.swift

.DEFAULT_GOAL := help
.PHONY: help setup build pinned demo test test-all mirror bench fixtures expectations lint format documents screenshots \
	release install package image clean

help: ## Lists the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

setup: ## Installs what is missing, from Debian
	@deploy/setup.sh

build: setup ## Builds everything, tests included
	@echo "build: the first one takes about two minutes"
	@$(SWIFT) build --build-tests --quiet

demo: build ## Shows the whole way, from `docker stack deploy` to https
	@$(CLEAN) $(BUILD)/landfall-sandbox demo

# Tests/run.sh lists the skipped tests. All tests of a process share a few threads with the servers that they start: without
# a bound on how many begin at once, each waits for all.
TEST := SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=8 Tests/run.sh --parallel
# Where tests look for certbot 5, lexicon 3.25, Traefik and Caddy (Tests/TestSupport); without them they skip what is for them.
PINNED := /var/cache/landfall
test: build pinned ## Runs the tests, long ones in their short form
	@$(CLEAN) $(BUILD)/landfall-sandbox exec -- env $(TEST)

test-all: build pinned release mirror ## Runs the tests in full
	@$(CLEAN) $(BUILD)/landfall-sandbox exec -- env LANDFALL_TEST_FULL=1 $(TEST)

pinned: setup
	@for name in certbot lexicon proxies; do deploy/pinned.sh $$name $(PINNED)/$$name || true; done

# What image and package are tested with; without it those tests are skipped.
mirror: setup
	@deploy/mirror.sh /var/cache/landfall/mirror || true

bench: release mirror ## Measures the release build (docs/benchmarks.md)
	@for product in landfall-sandbox landfall-bench; do \
		$(SWIFT) build --configuration release --product $$product --static-swift-stdlib --quiet || exit; \
	done
	@$(CLEAN) $(RELEASE)/landfall-sandbox exec --nonce-rejections 0 -- $(RELEASE)/landfall-bench

# Recordings contain the paths of programs and sandbox, so these are the same on every machine.
SCENARIOS := /srv/landfall
RECORDINGS := Fixtures/recordings
fixtures: build ## Records Fixtures/recordings anew, from real runs
	@install -D --target-directory $(SCENARIOS) $(BUILD)/landfall $(BUILD)/landfall-sandbox
	@$(CLEAN) $(SCENARIOS)/landfall-sandbox exec --folder $(SCENARIOS)/sandbox --nonce-rejections 0 -- \
		env LANDFALL_SCENARIOS="$(CURDIR)/$(RECORDINGS)" LANDFALL_PROGRAM=$(SCENARIOS)/landfall \
		swift test --skip-build --filter IntegrationTests/RecordingTests
	@rm -r $(SCENARIOS)
	@$(MAKE) --no-print-directory expectations

expectations: build ## Writes the expected texts of the strict recordings
	@for text in $(RECORDINGS)/*.expected.txt; do \
		$(BUILD)/landfall replay "$${text%.expected.txt}.ndjson" >"$$text" || exit; \
	done
	@for language in mermaid plantuml; do \
		$(BUILD)/landfall replay --diagram $$language $(RECORDINGS)/first-deployment.ndjson \
			>$(RECORDINGS)/first-deployment.$$language || exit; \
	done

lint: ## Checks the format of the sources
	@swift format lint --strict --recursive $(SOURCES)

format: ## Formats the sources
	@swift format --in-place --recursive $(SOURCES)

documents: build ## Writes the documents that are made from the code
	@$(CLEAN) $(BUILD)/landfall variables env >deploy/env.example
	@$(CLEAN) $(BUILD)/landfall variables markdown >docs/configuration.md
	@$(CLEAN) LANDFALL_WRITE_PICTURE=1 swift test --skip-build --filter ArchitectureTests >/dev/null

screenshots: build ## Makes the README's pictures of the status page from a real run
	@$(CLEAN) $(BUILD)/landfall-sandbox exec --nonce-rejections 0 -- \
		/usr/bin/python3 deploy/screenshots.py $(BUILD)/landfall docs/images

# Stripped, for whatever is made of it.
BINARY := .build/image/landfall
release: setup
	@$(SWIFT) build --configuration release --product landfall --static-swift-stdlib --quiet
	@install -D --strip --mode 755 $(RELEASE)/landfall $(BINARY)

install: release ## Installs program, unit, man page and completions under PREFIX (/usr/local)
	@install -D --mode 755 $(BINARY) $(DESTDIR)$(PREFIX)/bin/landfall
	@install -D --mode 644 deploy/landfall.1 $(DESTDIR)$(PREFIX)/share/man/man1/landfall.1
	@install -d $(DESTDIR)$(PREFIX)/lib/systemd/system $(DESTDIR)$(PREFIX)/share/bash-completion/completions \
		$(DESTDIR)$(PREFIX)/share/zsh/site-functions $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d
	@sed 's|/usr/bin/landfall|$(PREFIX)/bin/landfall|' deploy/landfall.service \
		>$(DESTDIR)$(PREFIX)/lib/systemd/system/landfall.service
	@$(BINARY) completion bash >$(DESTDIR)$(PREFIX)/share/bash-completion/completions/landfall
	@$(BINARY) completion zsh >$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_landfall
	@$(BINARY) completion fish >$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/landfall.fish

package: release ## Makes a Debian package
	@deploy/package.sh $(BINARY) .build

# Docker's own variables are the way to a daemon elsewhere.
image: release ## Makes the container image, around the release build
	@docker build --file deploy/Dockerfile --target prebuilt --build-arg ARCH=$$(dpkg --print-architecture) \
		--build-arg VERSION=$$($(BINARY) version | cut -d' ' -f2) --build-arg REVISION=$$(git rev-parse HEAD) \
		--build-arg CREATED=$$(date --utc +%FT%TZ) --tag landfall:$$($(BINARY) version | cut -d' ' -f2) .

clean: ## Removes what was built
	@rm -rf .build
