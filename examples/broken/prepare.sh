#!/bin/sh
# Makes daptin.db in this folder, with the users and actions that the files here mean.
set -eu
cd "$(dirname "$0")"
reconcile init
reconcile users add system@example.com
reconcile users add reports@example.com
reconcile actions add integration sync_external_data --input source
reconcile actions add report generate_report --input type --input 'format?'
reconcile actions add site sync_site_storage --input path
reconcile actions add world export_data --input table_name
