#!/bin/sh
# Makes prod.db and staging.db in this folder, each with the users and actions that tasks/ names, and prod.env and
# staging.env, which stand for the variables that a pipeline has for each of them.
set -eu
cd "$(dirname "$0")"
for name in prod staging; do
    export RECONCILE_DATABASE_URL="sqlite:///$name.db"
    reconcile init
    reconcile users add reports@example.com
    reconcile users add sync@example.com
    reconcile actions add report generate_report --input type --input 'format?'
    reconcile actions add integration sync_external_data --input source --input token --input 'limit?'
    variable=$(echo "$name" | tr '[:lower:]' '[:upper:]')_DATABASE_URL
    echo "export $variable=$RECONCILE_DATABASE_URL RECONCILE_VAR_SYNC_TOKEN=token-of-$name" >"$name.env"
done
