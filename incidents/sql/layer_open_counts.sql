-- For everybody: how many matters were open per cell at the end of the day before yesterday, in
-- classes, without the sensitive ones. No household can be told from it.
SELECT
    b.id,
    c.code,
    c.name,
    CASE
        WHEN count(i.id) >= 10 THEN 10
        WHEN count(i.id) >= 5 THEN 5
        WHEN count(i.id) >= 1 THEN 1
        ELSE 0
    END AS at_least,
    b.geom
FROM (
    SELECT date_trunc('day', %(at)s::timestamptz, %(zone)s) - interval '1 day' AS told_until
) AS delay
CROSS JOIN geo_grid_cellboundary AS b
INNER JOIN geo_grid_cell AS c ON b.cell_id = c.id
LEFT JOIN (
    incidents_incident AS i
    INNER JOIN incidents_category AS k ON i.category_id = k.id AND NOT k.sensitive
)
    ON
        c.id = i.cell_id
        AND i.reported_at < delay.told_until
        AND (i.closed_at IS NULL OR i.closed_at >= delay.told_until)
WHERE b.valid_during @> %(at)s::timestamptz
GROUP BY b.id, c.id
