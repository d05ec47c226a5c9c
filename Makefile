# Everything that one types here. `make` alone lists it.

SHELL := /bin/bash
.DEFAULT_GOAL := help

# Passed to every `swift build` and `swift test`, for example SWIFT_FLAGS="-j 2".
SWIFT_FLAGS ?=

# The suite uses Swift Testing only. XCTest's runner would start, find nothing, and leak under the address sanitizer.
# Whole processes are tested apart: those tests block the threads that the in-process servers of the others wait for.
SWIFT_TEST := scripts/run_tests.py swift test --disable-xctest --skip-build
UNIT_TESTS := --skip IntegrationTests
INTEGRATION_TESTS := --filter IntegrationTests
SIMULATIONS := --filter 'PolicyPropertyTests|NetworkSimulationTests'

ASAN_FLAGS := --sanitize=address --scratch-path .build-asan
TSAN_FLAGS := --sanitize=thread --scratch-path .build-tsan

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: deps deps-build deps-test deps-deploy deps-bench
deps: deps-build deps-test deps-deploy deps-bench ## install all that building, testing and benchmarks need
deps-build:
	@scripts/install-deps.sh build
deps-test:
	@scripts/install-deps.sh test
deps-deploy:
	@scripts/install-deps.sh deploy
deps-bench:
	@scripts/install-deps.sh bench

.PHONY: build
build: deps-build ## build the release binary, .build/release/sluice
	swift build $(SWIFT_FLAGS) -c release --product sluice

# For another machine, which then needs no Swift, only the system's libraries: deploy/README.md names them.
.PHONY: build-static
build-static: deps-build ## build .build/release/sluice with Swift's libraries in it, to be installed elsewhere
	@scripts/install-deps.sh static
	swift build $(SWIFT_FLAGS) -c release --static-swift-stdlib --product sluice

.PHONY: run
run: build ## run Sluice in front of its embedded demo origin; Ctrl-C drains
	exec .build/release/sluice run --demo

.PHONY: test
test: deps-build deps-test ## build for debugging and run every test
	swift build $(SWIFT_FLAGS) --build-tests
	$(SWIFT_TEST) $(SWIFT_FLAGS) $(UNIT_TESTS)
	SLUICE_SIMULATIONS=1 $(SWIFT_TEST) $(SWIFT_FLAGS) $(SIMULATIONS)
	SLUICE_BIN="$$(swift build --show-bin-path)/sluice" $(SWIFT_TEST) $(SWIFT_FLAGS) $(INTEGRATION_TESTS)
	python3 -m unittest discover scripts/tests
	python3 -m unittest discover Bench/tests

.PHONY: test-asan
test-asan: deps-build deps-test ## run every test under the address and leak sanitizers
	swift build $(SWIFT_FLAGS) $(ASAN_FLAGS) --build-tests
	for tests in "$(UNIT_TESTS)" "$(INTEGRATION_TESTS)"; do \
		SLUICE_SANITIZER=address \
		LSAN_OPTIONS="suppressions=$(CURDIR)/Tests/leak-suppressions.txt print_suppressions=0" \
		SLUICE_BIN="$$(swift build $(ASAN_FLAGS) --show-bin-path)/sluice" \
		$(SWIFT_TEST) $(SWIFT_FLAGS) $(ASAN_FLAGS) $$tests || exit 1; \
	done

# A process that races ends at once, and its test with it.
.PHONY: test-tsan
test-tsan: deps-build deps-test ## run every test under the thread sanitizer
	swift build $(SWIFT_FLAGS) $(TSAN_FLAGS) --build-tests
	for tests in "$(UNIT_TESTS)" "$(INTEGRATION_TESTS)"; do \
		SLUICE_SANITIZER=thread \
		TSAN_OPTIONS="halt_on_error=1 second_deadlock_stack=1" \
		SLUICE_BIN="$$(swift build $(TSAN_FLAGS) --show-bin-path)/sluice" \
		$(SWIFT_TEST) $(SWIFT_FLAGS) $(TSAN_FLAGS) $$tests || exit 1; \
	done

.PHONY: test-redis-suite
test-redis-suite: build deps-test ## run Redis's own test suite directly and through Sluice, and compare
	Tests/redis-suite.sh

# Seconds of `make soak`, and the seed of its faults.
SOAK_SECONDS ?= 1800
SOAK_SEED ?= 1

.PHONY: soak
soak: build deps-test ## mixed traffic with random faults for SOAK_SECONDS (1800), and a path that stalls for a minute
	swift build $(SWIFT_FLAGS) --build-tests
	for tests in SoakTests 'a path that stalls'; do \
		SLUICE_SOAK_SECONDS=$(SOAK_SECONDS) SLUICE_SOAK_SEED=$(SOAK_SEED) \
		SLUICE_BIN="$$(swift build -c release --show-bin-path)/sluice" \
		$(SWIFT_TEST) $(SWIFT_FLAGS) --filter "$$tests" || exit 1; \
	done

# Seconds over all fuzz programs together.
FUZZ_SECONDS ?= 60

# Said once more, together: SwiftPM names the two in any order, and Swift's compiler forgets the coverage that libFuzzer goes by where
# the fuzzer comes first (6.3).
FUZZ_FLAGS := --sanitize fuzzer --sanitize address -Xswiftc -sanitize=address,fuzzer

.PHONY: fuzz
fuzz: deps-build ## feed the parsers with made-up input for FUZZ_SECONDS (60)
	SLUICE_FUZZ=1 swift build $(SWIFT_FLAGS) $(FUZZ_FLAGS) --scratch-path .build-fuzz
	scripts/fuzz.sh $(FUZZ_SECONDS)

# Warnings are errors here and not in Package.swift: a later compiler's new warning must not break an operator's build.
.PHONY: lint
lint: deps-build ## check formatting, and that nothing warns
	swift format lint --strict --recursive Package.swift Sources Tests Fuzz
	clang -fsyntax-only -Wall -Wextra -Werror -ISources/CSluiceLinux/include Sources/CSluiceLinux/*.c
	clang -fsyntax-only -Wall -Wextra -Werror -ISources/CSluiceLab/include Sources/CSluiceLab/*.c
	swift build $(SWIFT_FLAGS) --scratch-path .build-lint --build-tests -Xswiftc -warnings-as-errors
	for script in scripts/*.sh Tests/*.sh .ci/run; do bash -n "$$script" || exit 1; done
	find . -name '*.py' -not -path './.*' -print0 | xargs -0r python3 -m py_compile

.PHONY: check-deploy
check-deploy: build deps-deploy ## check everything under deploy, and the pages for operators
	for script in deploy/*/*.sh; do bash -n "$$script" || exit 1; done
	.venv/bin/python -m unittest discover deploy/tests

.PHONY: format
format: ## format the Swift sources
	swift format --in-place --recursive Package.swift Sources Tests Fuzz

.PHONY: bench-peers
bench-peers: build deps-bench ## compare with HAProxy, nginx and Envoy; writes Bench/results
	cd Bench && python3 -m peers run

# Goes on where it was broken off. TRACES names a directory of recorded links (NAME.down and NAME.up, mahimahi's format).
POLICY_FLAGS ?=

.PHONY: bench-policy
bench-policy: build deps-bench ## measure what the policy must reach (two hours); writes Bench/results/policy and the tables
	cd Bench && python3 -m policy run $(POLICY_FLAGS) && python3 -m policy report

.PHONY: bench-lab
bench-lab: build deps-bench ## measure how exact the link emulator is; writes Bench/results/lab.json and docs/lab.md
	cd Bench && python3 -m lab run

.PHONY: bench-iperf
bench-iperf: build deps-bench ## check that `sluice bench` and iperf3 agree; writes Bench/results/iperf.json
	cd Bench && python3 -m iperf

# Not part of deps-bench: it takes long, and nobody else needs it.
.PHONY: deps-llm
deps-llm:
	@scripts/install-deps.sh llm

.PHONY: bench-llm
bench-llm: build deps-bench deps-llm ## get llama.cpp and a model (compiles for 20 minutes), and measure token streams
	.build/release/sluice bench compare --scenario llm-dsl --scenario end-to-end \
	--candidate direct --candidate kernel --candidate adaptive

.PHONY: alloc-gate
alloc-gate: build ## fail if a connection or a MiB costs more allocations than allowed
	cd Bench && python3 -m alloc.alloc_gate

.PHONY: clean
clean: ## remove what was built and installed here
	rm -rf .build .build-lint .build-asan .build-tsan .build-fuzz .venv
