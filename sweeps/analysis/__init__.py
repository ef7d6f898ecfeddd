"""What a sweep found: functions of a snapshot of its rows; nothing here trains or writes to the database."""
