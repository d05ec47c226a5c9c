#!/usr/bin/env bash
# Redis's own test suite, against a redis-server directly and against another one through Sluice: both must pass, and
# pass the same tests. Takes about five minutes.
#
# The suite comes from Debian's source package, through package lists of its own: the system's are left as they are.
# Needs redis-server, tclsh and a built sluice (SLUICE_BIN, or .build/release/sluice).

set -euo pipefail
cd "$(dirname "$0")/.."

readonly work=$PWD/.build/redis-suite
readonly sluice=${SLUICE_BIN:-$PWD/.build/release/sluice}
started=()

finish() {
    local pid
    for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done
    wait
}
trap finish EXIT

need() {
    command -v "$1" >/dev/null || { echo "$1 is missing: apt install $2" >&2; exit 1; }
}

# wait_for SECONDS WHAT COMMAND...: until COMMAND succeeds.
wait_for() {
    local deadline=$((SECONDS + $1)) what=$2
    shift 2
    until "$@" >/dev/null 2>&1; do
        ((SECONDS < deadline)) || { echo "waited in vain for $what" >&2; exit 1; }
        sleep 0.1
    done
}

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# Downloads the source package once, and unpacks what upstream released: the suite as it is.
fetch_suite() {
    compgen -G "$work/redis_*.orig.tar.*" >/dev/null && return
    mkdir -p "$work/lists/partial"
    # shellcheck source=/dev/null
    . /etc/os-release
    echo "deb-src http://deb.debian.org/debian $VERSION_CODENAME main" >"$work/sources.list"
    local options=(-o Dir::Etc::sourcelist="$work/sources.list" -o Dir::Etc::sourceparts=-
        -o Dir::State::lists="$work/lists" -o APT::Sandbox::User=root)
    apt-get "${options[@]}" -qq update
    (cd "$work" && apt-get "${options[@]}" -qq source --download-only redis)
}

# unpack NAME: a copy of the suite for one run.
unpack() {
    rm -rf "${work:?}/$1"
    mkdir -p "$work/$1/src"
    tar -xf "$work"/redis_*.orig.tar.* -C "$work/$1" --strip-components=1
    local tool
    for tool in redis-server redis-cli redis-benchmark; do
        ln -sf "$(command -v $tool)" "$work/$1/src/$tool"
    done
}

# start_redis NAME PORT: with what the suite wants of a server that it did not start itself.
start_redis() {
    redis-server --port "$2" --bind 127.0.0.1 --save "" --dir "$work/$1" \
        --enable-protected-configs yes --enable-debug-command yes --enable-module-command yes \
        >"$work/$1.server.log" 2>&1 &
    started+=($!)
    wait_for 30 "redis-server" redis-cli -p "$2" ping
}

# run_suite NAME PORT BASE: leaves the names of the tests that passed in NAME.passed. The runner's processes talk to each
# other on a port above BASE.
run_suite() {
    local status=0
    (cd "$work/$1" && ./runtest --host 127.0.0.1 --port "$2" --baseport "$3" --tags -slow) \
        >"$work/$1.log" 2>&1 || status=$?
    sed -e 's/\x1b\[[0-9;]*m//g' "$work/$1.log" | sed -n 's/^\[ok\]: \(.*\) ([0-9]* ms)$/\1/p' | sort >"$work/$1.passed"
    echo "$1: $(wc -l <"$work/$1.passed") tests passed, exit code $status"
    return "$status"
}

need redis-server redis-server
need redis-cli redis-tools
need tclsh tcl
need python3 python3
[[ -x $sluice ]] || { echo "$sluice is missing: make build" >&2; exit 1; }
fetch_suite

direct_port=$(free_port)
origin_port=$(free_port)
proxy_port=$(free_port)
unpack direct
unpack proxied
start_redis direct "$direct_port"
start_redis proxied "$origin_port"
# One worker: two tests of the suite unsubscribe on one connection, do not wait for the answer, and expect a publish on
# another connection to come later. Two loops may pass these on in either order.
cat >"$work/sluice.yaml" <<END
workers: 1
admin: off
routes:
  - {name: redis, listen: "127.0.0.1:$proxy_port", to: "127.0.0.1:$origin_port", class: cache}
END
"$sluice" run --config "$work/sluice.yaml" >"$work/sluice.log" 2>&1 &
started+=($!)
wait_for 30 "sluice" redis-cli -p "$proxy_port" ping

status=0
run_suite direct "$direct_port" 21000 &
direct=$!
run_suite proxied "$proxy_port" 25000 || status=1
wait "$direct" || status=1
diff "$work/direct.passed" "$work/proxied.passed" || status=1
exit "$status"
