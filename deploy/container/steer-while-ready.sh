#!/bin/sh
# Steers connections to Sluice while it is ready, and lets new ones go the direct way while it is not.
#
#   steer-while-ready.sh RULES TABLE URL
#
# RULES is a file for nft, TABLE the table (of the family inet) that it makes, and URL Sluice's /readyz. The table's chain
# `steering` is emptied while Sluice is not ready, and when this ends, with SIGTERM. Its other chains and the routes of
# policy-routing.sh stay: connections that Sluice still drains live by them. Needs CAP_NET_ADMIN.

set -eu

if [ $# -ne 3 ]; then
    echo "usage: $0 RULES TABLE URL" >&2
    exit 64
fi
rules=$1
table=$2
url=$3
steering=unknown

start_steering() {
    [ "$steering" != yes ] || return 0
    nft -f "$rules"
    steering=yes
    echo "steering to Sluice"
}

stop_steering() {
    [ "$steering" != no ] || return 0
    # There is none before the first start.
    nft flush chain inet "$table" steering 2>/dev/null || true
    steering=no
    echo "not steering: Sluice is not ready"
}

leave() {
    stop_steering
    exit 0
}

# In the background: the shell would hear a signal only after it.
pause() {
    sleep 1 &
    wait $! || true
}

# An earlier life of this container may have left the routes.
if [ -z "$(ip -4 rule show fwmark 1 lookup 100)" ]; then
    "$(dirname "$0")/policy-routing.sh" up
fi
trap leave TERM INT

while :; do
    if curl --silent --fail --output /dev/null --max-time 2 "$url"; then
        start_steering
    else
        stop_steering
    fi
    pause
done
