#!/usr/bin/env bash
# Runs every fuzz program for its share of the time, and fails at the first finding.
#
#   scripts/fuzz.sh [SECONDS [TARGET ...]]
#
# Each begins with its corpus in Fuzz/corpus. What it finds worth keeping goes to .build-fuzz/corpus; an input that a
# program did not survive to Fuzz/findings.

set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${1:-60}
shift || true
targets=("$@")
[[ ${#targets[@]} -gt 0 ]] || targets=(ProxyHeader Configuration Bench TCPInfo Admin)
share=$((seconds / ${#targets[@]}))
((share > 0)) || share=1

programs="$(SLUICE_FUZZ=1 swift build --sanitize fuzzer --sanitize address --scratch-path .build-fuzz --show-bin-path)"
mkdir -p Fuzz/findings

for target in "${targets[@]}"; do
    mkdir -p ".build-fuzz/corpus/$target"
    echo "==> $target: $share s"
    # Swift's backtraces would hold a program up for minutes, and libFuzzer tells what is needed. A corpus may hold whole
    # messages, and one that takes seconds is a finding, too.
    log=".build-fuzz/$target.log"
    # The admin server answers on other threads, and between two inputs an answer may still be in its executor's hands, where the
    # leak sanitizer does not see it. The tests look for its leaks, at their end.
    leaks=1
    [[ $target != Admin ]] || leaks=0
    if ! ASAN_OPTIONS="detect_leaks=$leaks" SWIFT_BACKTRACE=enable=no LSAN_OPTIONS="suppressions=$PWD/Tests/leak-suppressions.txt" "$programs/Fuzz$target" \
        -max_total_time="$share" -detect_leaks="$leaks" -timeout=10 -rss_limit_mb=1024 -max_len=4096 -print_final_stats=1 \
        -artifact_prefix="Fuzz/findings/$target-" \
        ".build-fuzz/corpus/$target" "Fuzz/corpus/$target" >"$log" 2>&1; then
        tail -n 60 "$log" >&2
        exit 1
    fi
    # Input that nothing guides finds little, and looks as well as input that finds nothing.
    if grep -q 'Is the code instrumented for coverage' "$log"; then
        echo "fuzz: $target was built without coverage" >&2
        exit 1
    fi
    grep -E 'stat::number_of_executed_units|DONE|cov:' "$log" | tail -n 2
done
rmdir Fuzz/findings 2>/dev/null || true
