-- Incidents follow their ground to another cell and its worker. The boundary stays that of their
-- moment, unless their moment is of the new map.
UPDATE incidents_incident AS i
SET
    cell_id = t.cell_id,
    community_id = t.community_id,
    district = left(a.code, 6),
    reason = t.reason,
    worker_id = w.user_id,
    worker_post_id = w.post_id,
    worker_rule = coalesce(w.rule, ''),
    boundary_id = CASE
        WHEN
            CASE WHEN i.clock_doubt THEN i.reported_at ELSE i.occurred_at END
            >= %(since)s::timestamptz
            THEN t.boundary_id ELSE i.boundary_id
    END
FROM
    unnest(
        %(ids)s::bigint [],
        %(cells)s::bigint [],
        %(communities)s::bigint [],
        %(boundaries)s::bigint [],
        %(reasons)s::text []
    ) AS t (id, cell_id, community_id, boundary_id, reason)
INNER JOIN geo_grid_area AS a ON t.community_id = a.id
LEFT JOIN
    unnest(
        %(worked)s::bigint [], %(users)s::bigint [], %(posts)s::bigint [], %(rules)s::text []
    ) AS w (cell_id, user_id, post_id, rule)
    ON t.cell_id = w.cell_id
WHERE i.id = t.id
