-- Areas whose codes are given with their scores, their cells where a cell was named by its number, and
-- cells and places whose name resembles one of some texts (the trigram indexes choose; the caller
-- makes the score). The place is a point inside the thing. Of more than 500 the likest come along.
-- Where a town or community was said a place comes with the community it lies in.
WITH scored AS (
    SELECT s.code, s.score FROM unnest(%(codes)s::text [], %(scores)s::real []) AS s (code, score)
),

found AS (
    SELECT 'area' AS kind, a.code, a.name, a.code AS area, ARRAY[a.name] AS names, o.geom, s.score
    FROM geo_grid_area AS a
    INNER JOIN geo_grid_areaoutline AS o ON a.id = o.area_id
    INNER JOIN scored AS s ON a.code = s.code
    UNION ALL
    SELECT
        'cell', c.code, c.name, a.code, ARRAY[c.name], b.geom,
        greatest(
            CASE WHEN c.code = %(text)s THEN 1 WHEN %(numbered)s THEN s.score END,
            similarity(c.name, %(text)s)
        )
    FROM geo_grid_cell AS c
    INNER JOIN geo_grid_cellboundary AS b ON c.id = b.cell_id
    INNER JOIN geo_grid_area AS a ON b.community_id = a.id
    LEFT JOIN scored AS s ON a.code = s.code
    WHERE
        b.valid_during @> %(at)s::timestamptz
        AND (
            (%(numbered)s AND a.code = any(%(codes)s))
            OR c.code = %(text)s
            OR (%(text)s <> '' AND c.name %% %(text)s)
        )
    UNION ALL
    SELECT
        'place', p.id::text, p.name, '', p.name || string_to_array(p.aliases, ','), p.point,
        greatest(
            similarity(p.name, %(said)s),
            (
                SELECT max(greatest(similarity(p.name, t), word_similarity(t, p.aliases)))
                FROM unnest(%(texts)s::text []) AS t
            ),
            (SELECT avg(word_similarity(n, p.name)) FROM unnest(%(names)s::text []) AS n)
        )
    FROM geo_grid_place AS p
    WHERE
        p.name %% any(%(texts)s::text [])
        OR p.name %%> any(%(names)s::text [])
        OR p.aliases %%> any(%(texts)s::text [])
        OR (%(named)s <> '' AND p.name LIKE %(named)s)
),

likest AS (
    SELECT * FROM found
    ORDER BY score DESC NULLS LAST, kind, code
    LIMIT 500
)

SELECT
    l.kind, l.code, l.name, l.names,
    CASE WHEN l.kind = 'place' THEN coalesce(ground.code, '') ELSE l.area END AS area,
    l.code ~ '^[0-9]{15}$' AS own_code,
    ST_X(ST_PointOnSurface(l.geom)) AS lon,
    ST_Y(ST_PointOnSurface(l.geom)) AS lat
FROM likest AS l
LEFT JOIN LATERAL (
    SELECT a.code
    FROM geo_grid_areaoutline AS o
    INNER JOIN geo_grid_area AS a ON o.area_id = a.id AND a.level = 'COMMUNITY'
    WHERE %(placed)s AND l.kind = 'place' AND ST_Intersects(o.geom, l.geom)
    ORDER BY a.code
    LIMIT 1
) AS ground ON TRUE
ORDER BY l.score DESC NULLS LAST, l.kind, l.code
