#!/bin/sh
# Makes daptin.db in this folder, with those of Daptin's actions that tasks/ names and an administrator.
set -eu
cd "$(dirname "$0")"
reconcile init
reconcile users add admin@example.com --group administrators
reconcile actions add mail_server sync_mail_servers
reconcile actions add world export_data \
    --input table_name --input format --input columns --input include_headers
reconcile actions add world sync_column_storage \
    --input table_name --input column_name --input credential_name
reconcile actions add site sync_site_storage --input path
reconcile actions add cloud_store delete_path --input 'path?'
