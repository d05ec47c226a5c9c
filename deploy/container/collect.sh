#!/usr/bin/env bash
# Puts a program into a root directory of its own, with what it needs to run there and nothing else.
#
#   collect.sh PROGRAM ROOT
#
# The dynamic linker and the shared libraries, from where ldd finds them; and the directories that Sluice's own files are
# mounted at. Name resolution takes no more: /etc/hosts and /etc/resolv.conf come from whoever runs the container.

set -euo pipefail

if [[ $# -ne 2 ]]; then
    echo "usage: $0 PROGRAM ROOT" >&2
    exit 64
fi
program=$1
root=$2

if ldd "$program" | grep 'not found'; then
    echo "$program lacks libraries on this machine" >&2
    exit 1
fi

mkdir -p "$root"/{etc/sluice,run/sluice,tmp}
chmod 1777 "$root/tmp"
install -D --strip --mode 755 "$program" "$root/usr/local/bin/sluice"

# One line a library, `name => /path (address)`; the linker's has no arrow, and the kernel's vdso no path.
ldd "$program" | grep -o '/[^ ]*' | sort -u | while read -r library; do
    install -D --mode 755 "$library" "$root$library"
done

# So that programs which ask for the user's name get an answer.
echo 'sluice:x:65532:65532:Sluice:/:/usr/sbin/nologin' >"$root/etc/passwd"
echo 'sluice:x:65532:' >"$root/etc/group"
# Hosts before name servers, as everywhere.
echo 'hosts: files dns' >"$root/etc/nsswitch.conf"
