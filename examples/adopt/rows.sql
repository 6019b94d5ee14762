INSERT INTO task (reference_id, permission, user_account_id, as_user_id, name, schedule, entity_name, action_name, active, job_type, attributes)
VALUES
  (randomblob(16), 561441, 1, 2, 'daily_report', '0 8 * * *', 'report', 'generate_report', 1, '', '{"type": "daily", "format": "pdf"}'),
  (randomblob(16), 561441, 1, 2, 'month end', '0 0 1 * *', 'report', 'generate_report', 0, 'report', '{"type": "month", "note": "ask first:\nann, then bob\n"}'),
  (randomblob(16), 561441, 1, 3, 'sync_no', '@every 1h', 'integration', 'sync_external_data', 1, '', '{"source": "no"}'),
  (randomblob(16), 561441, 1, NULL, 'old_sync', '@daily', 'integration', 'sync_external_data', 1, '', '{"source": "ftp"}'),
  (randomblob(16), 561441, 1, 3, 'sync_se', '61 * * * *', 'integration', 'sync_external_data', 1, '', '{"source": "se"}')
