#!/bin/sh
# Two schedulers on one database, until Ctrl-C. SQLite takes only one. Further options go to both.
set -eu
: "${RECONCILE_DATABASE_URL:?name a PostgreSQL or MariaDB database}"

# Each in a session of its own: Ctrl-C reaches this script alone, which asks each to stop once.
# A second signal would end them without waiting for their runs.
setsid task-scheduler --http 127.0.0.1:6337 "$@" &
one=$!
setsid task-scheduler --http 127.0.0.1:6338 "$@" &
two=$!
trap 'kill -TERM "$one" "$two" 2>/dev/null || true' INT TERM

failed=0
for pid in "$one" "$two"; do
    ended=0
    while kill -0 "$pid" 2>/dev/null; do # a signal ends `wait` early
        ended=0
        wait "$pid" || ended=$?
    done
    [ "$ended" -eq 0 ] || failed=1
done
exit "$failed"
