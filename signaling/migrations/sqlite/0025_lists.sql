-- What lists are read by: people by name, with what they are searched by; who sits in a unit; the active points of a unit.
DROP INDEX person_sort;
CREATE INDEX person_listed ON person (sort_key, id, search_key) WHERE erased_at_us IS NULL;
CREATE INDEX appointment_span ON appointment (unit_id, valid_from, valid_to, person_id);
DROP INDEX appointment_unit;
