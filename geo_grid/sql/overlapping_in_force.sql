-- Cells of other plans, in force from a moment on, that a plan's boundaries would cover and that
-- the plan does not itself redraw. Borders that only touch do not count.
SELECT
    other.cell_id,
    c.code,
    c.name,
    sum(ST_Area(ST_Intersection(mine.geom, other.geom)::geography)) AS area_m2
FROM geo_grid_cellboundary AS mine
INNER JOIN geo_grid_cellboundary AS other
    ON ST_Intersects(mine.geom, other.geom) AND mine.plan_id <> other.plan_id
INNER JOIN geo_grid_cell AS c ON other.cell_id = c.id
WHERE
    mine.plan_id = %(plan)s
    AND other.valid_during && tstzrange(%(since)s, NULL)
    AND NOT EXISTS (
        SELECT 1 FROM geo_grid_cellboundary AS redrawn
        WHERE redrawn.plan_id = mine.plan_id AND redrawn.cell_id = other.cell_id
    )
GROUP BY other.cell_id, c.code, c.name
HAVING sum(ST_Area(ST_Intersection(mine.geom, other.geom)::geography)) > 1
ORDER BY area_m2 DESC
