-- What stands in a room: a JSON array of {"name", "count", "asset_code"}, read and written as a whole.
ALTER TABLE meeting_room ADD COLUMN equipment TEXT NOT NULL DEFAULT '[]';
