-- The newest run of each district at the moment shown, as far as the viewer reaches.
SELECT
    v.id,
    c.code,
    c.name,
    v.reported,
    round(v.z::numeric, 2)::float AS z,
    v.p,
    v.level,
    b.geom
FROM hotspots_hotspotvalue AS v
INNER JOIN geo_grid_cellboundary AS b ON v.boundary_id = b.id
INNER JOIN geo_grid_cell AS c ON b.cell_id = c.id
INNER JOIN geo_grid_area AS a ON b.community_id = a.id
WHERE
    v.run_id IN (
        SELECT DISTINCT ON (r.district) r.id
        FROM hotspots_hotspotrun AS r
        WHERE r.made_at <= %(at)s
        ORDER BY r.district, r.made_at DESC, r.id DESC
    )
    AND (
        %(everything)s OR c.district = any(%(districts)s)
        OR b.community_id = any(%(communities)s::bigint []) OR b.cell_id = any(%(cells)s::bigint [])
    )
    AND (%(area)s::text IS NULL OR a.code LIKE %(area)s || '%%')
