# Every recipe is a plain line that can be typed without make. `make` alone runs what CI runs.

CARGO ?= cargo
# What tests run inside of pages, with the versions and digests of its lock file.
PAGE_TOOLS = tests/tools/node_modules/.package-lock.json
SHELL_SCRIPTS = $(shell grep -rlE '^\#!.*sh$$|^\# shellcheck shell' scripts .ci)

.PHONY: ci fmt lint test test-it packages golden fuzz deny typos docs bench bench-shared soak run screens help

ci: ## what CI runs: lint, then every test
	.ci/run

fmt: ## format the sources
	$(CARGO) fmt --all

lint: ## formatting, clippy, rustdoc and shell scripts, warnings as errors
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked --workspace --all-targets --all-features -- -D warnings
	RUSTDOCFLAGS='-D warnings' $(CARGO) doc --locked --workspace --all-features --no-deps
	scripts/ensure-packages shellcheck
	shellcheck --external-sources $(SHELL_SCRIPTS)

test: packages $(PAGE_TOOLS) ## every test, with a private PostgreSQL and Redis beside it
	scripts/with-services $(CARGO) test --locked --workspace --all-features --no-fail-fast

test-it: packages $(PAGE_TOOLS) ## the integration tests alone: make test-it ONLY=part_of_a_name
	scripts/with-services $(CARGO) test --locked --all-features --test it -- $(ONLY)

packages: ## what tests need of the system; asks before it installs
	scripts/ensure-packages postgresql redis chromium npm tinyproxy microsocks stunnel

$(PAGE_TOOLS): tests/tools/package-lock.json | packages
	npm ci --prefix tests/tools
	touch $@

golden: ## the golden tests alone: usage, conversions, and what fuzzing has found
	$(CARGO) test --locked --all-features --test golden

fuzz: ## a million executions of each target, or more: make fuzz RUNS=5000000 (needs a nightly Rust)
	scripts/fuzz $(if $(RUNS),--runs '$(RUNS)')

deny: ## licences, advisories, banned crates (cargo install cargo-deny)
	$(CARGO) deny --all-features check

typos: ## spelling (cargo install typos-cli)
	typos

docs: ## the API documentation, in a browser
	$(CARGO) doc --locked --workspace --all-features --no-deps --open

bench: ## direct, bare relay and Switchyard side by side
	scripts/bench

bench-shared: ## the same for calls and streams, with PostgreSQL and Redis beside it
	scripts/with-services scripts/bench --cases call,stream

soak: ## 100,000 requests with faults and clients that leave, on one node and on two: make soak REQUESTS=20000
	$(CARGO) build --locked --profile soak --bin switchyard
	SWITCHYARD_TEST_PROGRAM='$(abspath $(or $(CARGO_TARGET_DIR),target))/soak/switchyard' SWITCHYARD_SOAK_REQUESTS='$(REQUESTS)' \
	  scripts/with-services $(CARGO) test --locked --all-features --test it -- --ignored --nocapture --test-threads 1 relay::soak

run: ## the program, as a release
	$(CARGO) run --locked --release

screens: packages ## pictures of the pages, into docs/screens
	scripts/ensure-packages cjk-font
	scripts/with-services $(CARGO) test --locked --all-features --test it -- --ignored --nocapture browser::screens

help: ## this list
	@grep -E '^[a-z-]+:.* ## ' Makefile | sed 's/:.* ## /\t/' | expand -t 12
