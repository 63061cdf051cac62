-- For everybody: how many matters were open per cell at the end of the day before yesterday, in
-- classes, without those of a sensitive category or below one. Matters of fewer than `least` sources
-- (who reports twice is one) are told like none, so no household can be told from it.
SELECT
    b.id,
    c.code,
    c.name,
    CASE
        WHEN count(DISTINCT i.source) < %(least)s THEN 0
        WHEN count(i.id) >= 10 THEN 10
        WHEN count(i.id) >= 5 THEN 5
        ELSE %(least)s
    END AS at_least,
    b.geom
FROM geo_grid_cellboundary AS b
INNER JOIN geo_grid_cell AS c ON b.cell_id = c.id
LEFT JOIN (
    SELECT
        m.id,
        m.cell_id,
        coalesce(nullif(r.phone_index, ''), m.id::text) AS source
    FROM (
        SELECT date_trunc('day', %(at)s::timestamptz, %(zone)s) - interval '1 day' AS told_until
    ) AS delay
    INNER JOIN incidents_incident AS m
        ON m.reported_at < delay.told_until AND (m.closed_at IS NULL OR m.closed_at >= delay.told_until)
    INNER JOIN incidents_category AS k ON m.category_id = k.id AND NOT k.sensitive
    LEFT JOIN incidents_category AS upper_category ON k.parent_id = upper_category.id
    LEFT JOIN incidents_reporter AS r ON m.id = r.incident_id
    WHERE upper_category.sensitive IS NOT TRUE
) AS i
    ON c.id = i.cell_id
WHERE b.valid_during @> %(at)s::timestamptz
GROUP BY b.id, c.id
