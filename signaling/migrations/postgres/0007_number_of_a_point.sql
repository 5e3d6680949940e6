-- A point has one number, on every wall, list, film and key: the one of its own, not its place in the list of a session.
WITH same AS (
    SELECT id, created_at_us, code,
           ROW_NUMBER() OVER (PARTITION BY seat_order ORDER BY created_at_us, code) AS nth
    FROM bridge_point
), surplus AS (
    SELECT id, ROW_NUMBER() OVER (ORDER BY created_at_us, code) AS n FROM same WHERE nth > 1
)
UPDATE bridge_point
SET seat_order = (SELECT MAX(seat_order) FROM bridge_point) + (SELECT n FROM surplus WHERE surplus.id = bridge_point.id)
WHERE id IN (SELECT id FROM surplus);

CREATE UNIQUE INDEX bridge_point_number ON bridge_point (seat_order);

-- Out of each other's way first.
UPDATE invitation SET seat_number = -seat_number WHERE seat_number > 0;
UPDATE invitation
SET seat_number = (SELECT seat_order FROM bridge_point WHERE bridge_point.id = invitation.point_id)
WHERE seat_number IS NOT NULL;
