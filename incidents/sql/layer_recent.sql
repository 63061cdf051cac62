-- For everybody: matters of the thirty days before yesterday that are about public things, with the
-- day and the upper category, and no number to look one up by. A matter stands at the smallest place
-- that it shares with matters of at least `least` - 1 other sources (who reports twice is one): its
-- cell, else its community (among those that no cell tells), else its town; one that is alone even
-- there is not told. So no household can be told.
WITH shown AS (
    SELECT
        i.id,
        i.reported_at,
        upper_category.name AS category_name,
        upper_category.name_en AS category_name_en,
        to_char(i.reported_at AT TIME ZONE %(zone)s, 'YYYY-MM-DD') AS day,
        i.closed_at IS NOT NULL AND i.closed_at < delay.told_until AS closed,
        i.cell_id,
        i.community_id,
        community.parent_id AS town_id,
        coalesce(nullif(r.phone_index, ''), i.id::text) AS source
    FROM (
        SELECT date_trunc('day', %(at)s::timestamptz, %(zone)s) - interval '1 day' AS told_until
    ) AS delay
    INNER JOIN incidents_incident AS i
        ON
            i.reported_at < delay.told_until
            AND i.reported_at >= delay.told_until - interval '30 days'
    INNER JOIN incidents_category AS k ON i.category_id = k.id AND NOT k.sensitive
    INNER JOIN incidents_category AS upper_category
        ON coalesce(k.parent_id, k.id) = upper_category.id AND NOT upper_category.sensitive
    INNER JOIN geo_grid_area AS community ON i.community_id = community.id
    LEFT JOIN incidents_reporter AS r ON i.id = r.incident_id
    WHERE upper_category.code = any(%(public)s) AND i.cell_id IS NOT NULL
),

cells AS (
    SELECT s.cell_id, count(DISTINCT s.source) AS in_cell
    FROM shown AS s
    GROUP BY s.cell_id
),

communities AS (
    SELECT s.community_id, count(DISTINCT s.source) AS in_community
    FROM shown AS s INNER JOIN cells AS l ON s.cell_id = l.cell_id
    WHERE l.in_cell < %(least)s
    GROUP BY s.community_id
),

towns AS (
    SELECT s.town_id, count(DISTINCT s.source) AS in_town
    FROM shown AS s
    INNER JOIN cells AS l ON s.cell_id = l.cell_id
    INNER JOIN communities AS m ON s.community_id = m.community_id
    WHERE l.in_cell < %(least)s AND m.in_community < %(least)s
    GROUP BY s.town_id
),

told AS (
    SELECT
        s.*,
        CASE
            WHEN l.in_cell >= %(least)s THEN 'CELL'
            WHEN m.in_community >= %(least)s THEN 'COMMUNITY'
            WHEN t.in_town >= %(least)s THEN 'TOWN'
        END AS place_level
    FROM shown AS s
    INNER JOIN cells AS l ON s.cell_id = l.cell_id
    LEFT JOIN communities AS m ON s.community_id = m.community_id
    LEFT JOIN towns AS t ON s.town_id = t.town_id
)

SELECT
    row_number() OVER (ORDER BY t.reported_at DESC, t.id) AS id,
    row_number() OVER (ORDER BY t.reported_at DESC, t.id)::text AS rank,
    t.category_name,
    t.category_name_en,
    t.place_level,
    coalesce(c.name, a.name) AS place_name,
    t.day,
    t.closed,
    ST_PointOnSurface(coalesce(b.geom, o.geom)) AS geom
FROM told AS t
LEFT JOIN geo_grid_cell AS c ON t.place_level = 'CELL' AND t.cell_id = c.id
LEFT JOIN geo_grid_cellboundary AS b ON c.id = b.cell_id AND b.valid_during @> %(at)s::timestamptz
LEFT JOIN geo_grid_area AS a
    ON a.id = CASE t.place_level WHEN 'COMMUNITY' THEN t.community_id WHEN 'TOWN' THEN t.town_id END
LEFT JOIN geo_grid_areaoutline AS o ON a.id = o.area_id
WHERE t.place_level IS NOT NULL AND coalesce(b.geom, o.geom) IS NOT NULL
ORDER BY t.reported_at DESC, t.id
LIMIT 500
