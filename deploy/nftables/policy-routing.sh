#!/bin/sh
# The routes behind tproxy.nft and source-client.nft: what they have marked is for this host, whatever its address.
#
#   policy-routing.sh up|down [MARK [TABLE]]

set -eu
mark=${2:-1}
table=${3:-100}

case ${1:-} in
    up)
        for family in -4 -6; do
            ip "$family" rule add fwmark "$mark" lookup "$table"
            ip "$family" route replace local default dev lo table "$table"
        done
        ;;
    down)
        for family in -4 -6; do
            ip "$family" rule del fwmark "$mark" lookup "$table" || true
            ip "$family" route flush table "$table" || true
        done
        ;;
    *)
        echo "usage: $0 up|down [MARK [TABLE]]" >&2
        exit 2
        ;;
esac
