-- Words of enums are checked where they are read (`Word<T>`), not by the schema: SQLite cannot alter a constraint, and every new
-- word would have to rebuild its table. What guards the data stays: dates in order, and that nothing secret is planned.
--
-- Removing a CHECK changes nothing that is stored, so the texts of the tables are edited (sqlite.org/lang_altertable.html, 7).
PRAGMA writable_schema = ON;

UPDATE sqlite_schema SET sql = replace(sql, ' CHECK (kind IN (''merged'', ''split'', ''renamed'', ''closed''))', '')
WHERE type = 'table' AND name = 'org_unit_succession';
UPDATE sqlite_schema SET sql = replace(sql, ' CHECK (kind IN (''main'', ''base''))', '')
WHERE type = 'table' AND name = 'bridge_point';
UPDATE sqlite_schema SET sql = replace(sql, ' CHECK (state IN (''active'', ''closed''))', '')
WHERE type = 'table' AND name = 'bridge_point';
UPDATE sqlite_schema SET sql = replace(sql, ' CHECK (relation IN (''host'', ''served''))', '')
WHERE type = 'table' AND name = 'bridge_point_unit';
UPDATE sqlite_schema SET sql = replace(sql, ' CHECK (role IN (''department_admin'', ''unit_admin'', ''it_staff'', ''trainer'', ''member''))', '')
WHERE type = 'table' AND name = 'role_grant';
UPDATE sqlite_schema SET sql = replace(sql, ' CHECK (mode IN (''live'', ''self_study''))', '')
WHERE type = 'table' AND name = 'class_module';
UPDATE sqlite_schema SET sql = replace(sql, '
        CHECK (kind IN (''meeting'', ''conference'', ''seminar'', ''training'', ''class_observation''))', '')
WHERE type = 'table' AND name = 'session';
UPDATE sqlite_schema SET sql = replace(sql, ' CHECK (mode IN (''online'', ''hybrid'', ''in_person''))', '')
WHERE type = 'table' AND name = 'session';
UPDATE sqlite_schema SET sql = replace(sql, ' CHECK (preset IN (''discussion'', ''training'', ''conference''))', '')
WHERE type = 'table' AND name = 'session';
UPDATE sqlite_schema SET sql = replace(sql, ' CHECK (reply IN (''none'', ''accepted'', ''declined''))', '')
WHERE type = 'table' AND name = 'invitation';
UPDATE sqlite_schema SET sql = replace(sql, ' CHECK (purpose IN (''join'', ''whip'', ''whep'', ''api''))', '')
WHERE type = 'table' AND name = 'access_token';
UPDATE sqlite_schema SET sql = replace(sql, ' CHECK (role IN (''chair'', ''secretary'', ''point'', ''presenter'', ''viewer''))', '')
WHERE type = 'table' AND name = 'access_token';
UPDATE sqlite_schema SET sql = replace(sql, ' CHECK (consent IN (''not_asked'', ''informed'', ''given'', ''declined'', ''withdrawn''))', '')
WHERE type = 'table' AND name = 'participant';
UPDATE sqlite_schema SET sql = replace(sql, ' CHECK (status IN
        (''present_in_person'', ''present_online'', ''absent'', ''not_checked'', ''late'', ''left_early''))', '')
WHERE type = 'table' AND name = 'attendance';
UPDATE sqlite_schema SET sql = replace(sql, ' CHECK (state IN (''starting'', ''recording'', ''finalising'', ''archived'',
        ''composing'', ''ready'', ''failed'', ''expired'', ''deleted''))', '')
WHERE type = 'table' AND name = 'recording';
UPDATE sqlite_schema SET sql = replace(sql, ' CHECK (source IN (''microphone'', ''camera'', ''screen''))', '')
WHERE type = 'table' AND name = 'recording_track';
UPDATE sqlite_schema SET sql = replace(sql, ' CHECK (state IN (''queued'', ''running'', ''done'', ''failed''))', '')
WHERE type = 'table' AND name = 'job';
PRAGMA writable_schema = RESET;
-- Tells other connections that the schema is another one.
CREATE TABLE schema_changed (id BIGINT);
DROP TABLE schema_changed;
