-- Reports of the last moments whose cell kept its ground but got a new boundary: theirs is the one
-- of their moment.
UPDATE incidents_incident AS i
SET boundary_id = b.id
FROM geo_grid_cellboundary AS b
WHERE
    b.cell_id = any(%(cells)s)
    AND b.valid_during @> %(since)s::timestamptz
    AND i.cell_id = b.cell_id
    AND i.reported_at >= %(since)s::timestamptz - interval '1 hour'
    AND CASE WHEN i.clock_doubt THEN i.reported_at ELSE i.occurred_at END >= %(since)s::timestamptz
    AND i.boundary_id = any(%(ended)s)
