-- For everybody: matters of the thirty days before yesterday that are about public things, with the
-- day and the upper category, and no number to look one up by. A matter stands at the smallest place
-- that it shares with at least `least` - 1 others: its cell, else its community (among those that no
-- cell tells), else its town; one that is alone even there is not told. So no household can be told.
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
        count(*) OVER (PARTITION BY i.cell_id) AS in_cell
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
    WHERE upper_category.code = any(%(public)s) AND i.cell_id IS NOT NULL
),

communities AS (
    SELECT
        *,
        count(*) FILTER (WHERE in_cell < %(least)s) OVER (PARTITION BY community_id) AS in_community
    FROM shown
),

towns AS (
    SELECT
        *,
        count(*) FILTER (WHERE in_cell < %(least)s AND in_community < %(least)s)
            OVER (PARTITION BY town_id) AS in_town
    FROM communities
),

told AS (
    SELECT
        *,
        CASE
            WHEN in_cell >= %(least)s THEN 'CELL'
            WHEN in_community >= %(least)s THEN 'COMMUNITY'
            WHEN in_town >= %(least)s THEN 'TOWN'
        END AS place_level
    FROM towns
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
