-- Open incidents per cell at the moment shown, as far as the viewer reaches.
SELECT
    b.id,
    c.code,
    c.name,
    count(i.id) AS incidents,
    round((count(i.id) / (b.area_m2 / 1e6))::numeric, 2)::float AS per_km_two,
    b.geom
FROM geo_grid_cellboundary AS b
INNER JOIN geo_grid_cell AS c ON b.cell_id = c.id
INNER JOIN geo_grid_area AS a ON b.community_id = a.id
LEFT JOIN incidents_incident AS i
    ON
        c.id = i.cell_id
        AND (
            (%(past)s AND i.reported_at <= %(at)s AND (i.closed_at IS NULL OR i.closed_at > %(at)s))
            OR (NOT %(past)s AND i.status = any(%(open)s))
        )
        AND (%(since)s::timestamptz IS NULL OR i.reported_at >= %(since)s)
        AND (%(until)s::timestamptz IS NULL OR i.reported_at < %(until)s)
        AND (%(category)s::text IS NULL OR i.category_id IN (
            SELECT k.id FROM incidents_category AS k WHERE k.code LIKE %(category)s || '%%'
        ))
WHERE
    b.valid_during @> %(at)s::timestamptz
    AND (
        %(everything)s OR c.district = any(%(districts)s)
        OR b.community_id = any(%(communities)s::bigint []) OR b.cell_id = any(%(cells)s::bigint [])
    )
    AND (%(area)s::text IS NULL OR a.code LIKE %(area)s || '%%')
GROUP BY b.id, c.id
