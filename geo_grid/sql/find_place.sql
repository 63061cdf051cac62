-- Areas whose codes are given, their cells where a cell was named by its number, and cells and places
-- whose name resembles a text (the trigram indexes choose; the caller makes the score). The place is
-- a point inside the thing.
WITH found AS (
    SELECT 'area' AS kind, a.code, a.name, a.code AS area, ARRAY[a.name] AS names, o.geom
    FROM geo_grid_area AS a
    INNER JOIN geo_grid_areaoutline AS o ON a.id = o.area_id
    WHERE a.code = any(%(codes)s)
    UNION ALL
    SELECT 'cell', c.code, c.name, a.code, ARRAY[c.name], b.geom
    FROM geo_grid_cell AS c
    INNER JOIN geo_grid_cellboundary AS b ON c.id = b.cell_id
    INNER JOIN geo_grid_area AS a ON b.community_id = a.id
    WHERE
        b.valid_during @> %(at)s::timestamptz
        AND (
            (%(numbered)s AND a.code = any(%(codes)s))
            OR c.code = %(text)s
            OR (%(text)s <> '' AND c.name %% %(text)s)
        )
    UNION ALL
    SELECT 'place', p.id::text, p.name, '', p.name || string_to_array(p.aliases, ','), p.point
    FROM geo_grid_place AS p
    WHERE
        (%(text)s <> '' AND (p.name %% %(text)s OR %(text)s <%% p.aliases))
        OR (%(named)s <> '' AND p.name LIKE %(named)s)
)

SELECT kind, code, name, area, names,
    code ~ '^[0-9]{15}$' AS own_code,
    ST_X(ST_PointOnSurface(geom)) AS lon,
    ST_Y(ST_PointOnSurface(geom)) AS lat
FROM found
LIMIT 500
