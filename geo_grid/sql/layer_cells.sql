-- Cells where they lie at the moment shown. shade: a tint that tells the towns apart.
SELECT
    b.id,
    c.code,
    c.name,
    community.code AS community_code,
    community.name AS community_name,
    town.code AS town_code,
    town.name AS town_name,
    right(town.code, 3)::int %% 6 AS shade,
    p.synthetic,
    b.geom
FROM geo_grid_cellboundary AS b
INNER JOIN geo_grid_cell AS c ON b.cell_id = c.id
INNER JOIN geo_grid_area AS community ON b.community_id = community.id
INNER JOIN geo_grid_area AS town ON community.parent_id = town.id
INNER JOIN geo_grid_boundaryplan AS p ON b.plan_id = p.id
WHERE
    b.valid_during @> %(at)s::timestamptz
    AND (%(area)s::text IS NULL OR community.code LIKE %(area)s || '%%')
