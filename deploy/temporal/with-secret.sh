#!/bin/sh
# Runs a command with a secret out of a file in its environment: with-secret.sh NAME FILE COMMAND…
# Temporal's images take the database's password from there alone. So root of this machine sees it in /proc, and `docker inspect` not.
set -eu

secret=$(cat "$2")
export "$1=$secret"
shift 2
exec "$@"
