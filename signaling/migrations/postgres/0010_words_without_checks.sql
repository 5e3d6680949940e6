-- Words of enums are checked where they are read (`Word<T>`), not by the schema; see the same file for SQLite.

ALTER TABLE org_unit_succession DROP CONSTRAINT org_unit_succession_kind_check;
ALTER TABLE bridge_point DROP CONSTRAINT bridge_point_kind_check;
ALTER TABLE bridge_point DROP CONSTRAINT bridge_point_state_check;
ALTER TABLE bridge_point_unit DROP CONSTRAINT bridge_point_unit_relation_check;
ALTER TABLE role_grant DROP CONSTRAINT role_grant_role_check;
ALTER TABLE class_module DROP CONSTRAINT class_module_mode_check;
ALTER TABLE session DROP CONSTRAINT session_kind_check;
ALTER TABLE session DROP CONSTRAINT session_mode_check;
ALTER TABLE session DROP CONSTRAINT session_preset_check;
ALTER TABLE invitation DROP CONSTRAINT invitation_reply_check;
ALTER TABLE access_token DROP CONSTRAINT access_token_purpose_check;
ALTER TABLE access_token DROP CONSTRAINT access_token_role_check;
ALTER TABLE participant DROP CONSTRAINT participant_consent_check;
ALTER TABLE attendance DROP CONSTRAINT attendance_status_check;
ALTER TABLE recording DROP CONSTRAINT recording_state_check;
ALTER TABLE recording_track DROP CONSTRAINT recording_track_source_check;
ALTER TABLE job DROP CONSTRAINT job_state_check;
