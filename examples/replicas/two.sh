#!/bin/sh
# Two schedulers on one database, until Ctrl-C. SQLite takes only one.
set -eu
: "${RECONCILE_DATABASE_URL:?name a PostgreSQL or MariaDB database}"
task-scheduler --http 127.0.0.1:6337 &
one=$!
task-scheduler --http 127.0.0.1:6338 &
two=$!
trap 'kill -TERM $one $two' INT TERM
wait $one || true
wait $two || true
