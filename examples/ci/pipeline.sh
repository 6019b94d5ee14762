#!/bin/sh
# What a pipeline runs. `pipeline.sh review` on a pull request, `pipeline.sh deploy` on the main branch.
# The database is in RECONCILE_DATABASE_URL, a secret of the pipeline; without it, daptin.db here.
set -eu
cd "$(dirname "$0")"

# 1. What needs no database. A warning that is meant is silenced in the file, so here every warning counts.
reconcile validate --strict

# 2. What would change: for people on stdout, for machines in plan.json. Nothing is written to the database.
code=0
reconcile --dry-run --strict --detailed-exitcode --output json=plan.json || code=$?
case $code in
    0) echo "pipeline: nothing to change"; exit 0 ;;
    2) echo "pipeline: changes are pending" ;;
    *) echo "pipeline: stopped, exit code $code" >&2; exit "$code" ;;
esac

# 3. On the main branch, write it. There is no terminal here, so nothing is asked.
[ "${1:-review}" = deploy ] || exit 0
reconcile --strict --output json=applied.json
