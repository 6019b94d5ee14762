#!/bin/sh
# Makes daptin.db in this folder, with the user and actions that tasks/ names.
set -eu
cd "$(dirname "$0")"
reconcile init
reconcile users add system@example.com
reconcile actions add integration sync_external_data --input source --input 'table_name?' --input 'key?'
reconcile actions add report generate_report --input type --input 'format?'
reconcile actions add world cleanup_old_data --input days_old --input 'table_name?'
