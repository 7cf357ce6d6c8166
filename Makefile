# Gapfield: `make run` and `make test` do everything a fresh machine needs; see README.md.
# One build folder outside the checkout, so that every clone on this machine shares one build of the dependencies.
export CARGO_TARGET_DIR ?= $(if $(XDG_CACHE_HOME),$(XDG_CACHE_HOME),$(HOME)/.cache)/gapfield/target
export CARGO_INCREMENTAL ?= 1
# Software Vulkan wants a private runtime folder; make one where the session has none.
export XDG_RUNTIME_DIR ?= $(shell mkdir -p -m 0700 /tmp/gapfield-runtime-$$(id -u) && echo /tmp/gapfield-runtime-$$(id -u))
# Runs and figures name the commit they were made by.
export GAPFIELD_GIT_COMMIT ?= $(shell git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)
CARGO ?= cargo

.PHONY: run test check bench setup samples quality fmt

setup: ## system packages and the pinned toolchain
	@sh scripts/setup.sh run

run: setup ## build, then open the window, or run the main job where there is no display
	@sh scripts/run.sh

test: ## set up and pass all tests
	@sh scripts/setup.sh test
	$(CARGO) test --locked --no-fail-fast

check: ## cheap checks first: format, lints, docs, licences, floors
	@sh scripts/setup.sh run
	$(CARGO) fmt --check
	$(CARGO) clippy --locked --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --locked --no-deps --lib
	@if command -v cargo-deny >/dev/null 2>&1; then $(CARGO) deny --locked check licenses bans sources; else echo "cargo-deny is not installed: licences were not checked (cargo install cargo-deny)"; fi
	$(CARGO) test --locked --test architecture

bench: ## timings against named peers, see bench/README.md
	@sh scripts/setup.sh run
	$(CARGO) bench --locked --profile dev --bench lab --bench scorers

samples: ## make the four sample runs again
	@sh scripts/setup.sh run
	$(CARGO) run --locked -- samples --out sample_runs

# Where the runs of `make quality` lie, and an optional table of further judged turns (JUDGED=file).
QUALITY_RUNS ?= $(CARGO_TARGET_DIR)/quality
quality: ## measure the scorers over five seeds and write docs/scorers.md again
	@sh scripts/setup.sh run
	$(CARGO) run --locked --example quality -- --runs $(QUALITY_RUNS) --out docs/scorers.md --cores $(if $(JUDGED),--judged $(JUDGED))

fmt:
	$(CARGO) fmt
