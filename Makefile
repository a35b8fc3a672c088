# make run     build and start the server; ARGS="--port 9000 …" are its options
# make test    everything: both builds, house rules, Swift tests, the live tests with the official clients
# make simulate  a million simulated schedules; SCHEDULES=… SEED=…
# make mutants   plants faults, and shows that the simulation finds each
# make fuzz    fuzzes what reads strangers' bytes; SECONDS=60 for each target
# make soak    mixed personas for long; MINUTES=60 RATE=200
# make sanitize  the Swift tests under the thread and the address sanitizer
# make bench   the benchmarks
# make docs    write Docs/Settings.md and the checks of Docs/Probe.md, and build the library's documentation into .build/documentation
# make check   the house rules only
# make clean   remove what was built

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := run
.NOTPARALLEL:
.PHONY: run test simulate mutants fuzz soak sanitize bench docs check clean

run:
	@Scripts/prepare build
	swift build -c release --product holdfast
	@exec .build/release/holdfast serve $(ARGS)

test:
	@Scripts/prepare test
	swift build --build-tests
	swift build -c release --product holdfast
	Scripts/check --self-test
	Scripts/check
	Scripts/strangers
	Scripts/documentation
	swift test --skip-build --disable-xctest
	.build/debug/simulation --schedules 20000 --whole
	HOLDFAST_BIN=$(CURDIR)/.build/debug/holdfast FIXTURE_BIN=$(CURDIR)/.build/debug/fixture Tests/Clients/run

simulate:
	@Scripts/prepare build
	swift build -c release --product simulation
	.build/release/simulation --schedules $(or $(SCHEDULES),1000000) --first $(or $(SEED),0) --whole

mutants:
	@Scripts/prepare build
	Tests/Mutants/run $(ARGS)

fuzz:
	@Scripts/prepare build
	Scripts/fuzz $(or $(SECONDS),60) $(TARGETS)

soak:
	@Scripts/prepare test
	for product in fixture personas; do swift build -c release --product $$product; done
	cd Tests/Clients && FIXTURE_BIN=$(CURDIR)/.build/release/fixture PERSONAS_BIN=$(CURDIR)/.build/release/personas \
		$(CURDIR)/.venv/mcp2/bin/python -B soak.py --minutes $(or $(MINUTES),60) --rate $(or $(RATE),200)

sanitize:
	@Scripts/prepare build
	Scripts/sanitize thread
	Scripts/sanitize address

bench:
	@Scripts/prepare build
	Benchmarks/run $(ARGS)

docs:
	@Scripts/prepare build
	swift build --product holdfast
	.build/debug/holdfast settings > .build/Settings.md
	mv .build/Settings.md Docs/Settings.md
	{ sed '/^## Checks$$/,$$d' Docs/Probe.md; .build/debug/holdfast checks; } > .build/Probe.md
	mv .build/Probe.md Docs/Probe.md
	Scripts/documentation

check:
	Scripts/check

clean:
	rm -rf .build .venv Benchmarks/.build
