#!/bin/sh
# Makes daptin.db in this folder: a table that has lived, with rows that nobody owns and of which two can never run.
set -eu
cd "$(dirname "$0")"
reconcile init
reconcile users add reports@example.com
reconcile users add system@example.com
reconcile actions add report generate_report --input type --input 'format?' --input 'note?'
reconcile actions add integration sync_external_data --input source
sqlite3 daptin.db "$(cat rows.sql)"
