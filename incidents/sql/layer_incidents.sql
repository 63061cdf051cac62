-- Incidents open at the moment shown, as far as the viewer reaches. For a past moment the status
-- is the one told last by then, and no card is known. The lamp is the rule of
-- incidents/deadlines.py, and green while the time stands still; level is the highest that a running clock has reached.
SELECT
    i.id,
    i.number,
    s.status,
    k.lamp,
    CASE WHEN %(past)s THEN 0 ELSE coalesce(v.level, 0) END AS level,
    cat.code AS category,
    cat.name AS category_name,
    c.code AS cell,
    c.name AS cell_name,
    a.code AS community,
    i.district,
    i.urgent,
    i.reason,
    i.reported_at,
    i.due_at,
    i.external_source,
    i.external_id,
    i.point AS geom
FROM incidents_incident AS i
INNER JOIN incidents_category AS cat ON i.category_id = cat.id
LEFT JOIN geo_grid_cell AS c ON i.cell_id = c.id
LEFT JOIN geo_grid_area AS a ON i.community_id = a.id
LEFT JOIN LATERAL (
    SELECT e.payload ->> 'status' AS status
    FROM incidents_incidentevent AS e
    WHERE %(past)s AND e.incident_id = i.id AND e.at <= %(at)s AND e.payload ? 'status'
    ORDER BY e.at DESC, e.id DESC
    LIMIT 1
) AS told ON TRUE
CROSS JOIN LATERAL (
    SELECT
        CASE
            WHEN NOT %(past)s THEN i.status
            ELSE coalesce(told.status, CASE WHEN i.closed_at IS NULL THEN i.status ELSE 'REPORTED' END)
        END AS status
) AS s
LEFT JOIN LATERAL (
    SELECT
        max(c.level) AS level,
        bool_or(c.suspended_at IS NOT NULL) AS suspended
    FROM incidents_clock AS c
    WHERE c.incident_id = i.id AND c.stopped_at IS NULL
) AS v ON TRUE
CROSS JOIN LATERAL (
    SELECT
        CASE
            WHEN CASE
                WHEN NOT %(past)s THEN coalesce(v.suspended, FALSE)
                ELSE EXISTS (
                    SELECT 1
                    FROM incidents_suspension AS u
                    WHERE u.incident_id = i.id AND u.since <= %(at)s AND (u.until IS NULL OR u.until > %(at)s)
                )
            END THEN 'green'
            WHEN i.due_at IS NULL OR %(at)s < i.reported_at + (i.due_at - i.reported_at) * 0.7 THEN 'green'
            WHEN %(at)s <= i.due_at THEN 'yellow'
            ELSE 'red'
        END AS lamp
) AS k
WHERE
    (
        (%(past)s AND i.reported_at <= %(at)s AND (i.closed_at IS NULL OR i.closed_at > %(at)s))
        OR (NOT %(past)s AND (i.status = any(%(open)s) OR %(status)s::text [] IS NOT NULL))
    )
    AND (
        %(everything)s OR i.district = any(%(districts)s)
        OR i.community_id = any(%(communities)s::bigint []) OR i.cell_id = any(%(cells)s::bigint [])
        OR i.id IN (
            SELECT d.incident_id FROM incidents_part AS d WHERE d.department_id = any(%(departments)s::bigint [])
        )
    )
    AND (NOT %(slow)s OR k.lamp <> 'green' OR v.level > 0)
    AND (NOT %(unassigned)s OR i.cell_id IS NULL)
    AND (%(status)s::text [] IS NULL OR s.status = any(%(status)s))
    AND (%(lamp)s::text [] IS NULL OR k.lamp = any(%(lamp)s))
    AND (%(category)s::text IS NULL OR cat.code LIKE %(category)s || '%%')
    AND (%(area)s::text IS NULL OR a.code LIKE %(area)s || '%%')
    AND (%(cell)s::text IS NULL OR c.code = %(cell)s)
    AND (%(since)s::timestamptz IS NULL OR i.reported_at >= %(since)s)
    AND (%(until)s::timestamptz IS NULL OR i.reported_at < %(until)s)
    AND (%(department)s::text IS NULL OR EXISTS (
        SELECT 1
        FROM incidents_part AS part
        INNER JOIN geo_grid_department AS d ON part.department_id = d.id
        WHERE part.incident_id = i.id AND part.ended_at IS NULL AND d.code = %(department)s
    ))
