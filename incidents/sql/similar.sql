-- Open cases of the same family near a spot, newest weeks only, by nearness, words and age.
SELECT
    i.id,
    ST_Distance(i.point::geography, ST_MakePoint(%(lon)s, %(lat)s)::geography) AS distance,
    round(
        (
            0.5 * (
                1 - ST_Distance(i.point::geography, ST_MakePoint(%(lon)s, %(lat)s)::geography)
                / %(radius_m)s
            )
            + 0.3 * similarity(i.description, %(words)s)
            + 0.1 * (c.code = %(code)s)::int
            + 0.1 * (1 - extract(EPOCH FROM %(now)s - i.reported_at) / %(age_s)s)
        )::numeric, 3
    )::float AS score
FROM incidents_incident AS i
INNER JOIN incidents_category AS c ON i.category_id = c.id
WHERE
    i.point && ST_Expand(
        ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326),
        %(radius_m)s / 110000.0 / greatest(cos(radians(%(lat)s)), 0.01),
        %(radius_m)s / 110000.0
    )
    AND ST_DWithin(
        i.point::geography, ST_MakePoint(%(lon)s, %(lat)s)::geography, %(radius_m)s
    )
    AND c.code LIKE left(%(code)s, 2) || '%%'
    AND i.status IN ('REPORTED', 'HANDLING', 'RESOLVED', 'REWORK')
    AND i.reported_at > %(since)s
    AND i.reported_at <= %(now)s
    AND i.id <> %(but)s
ORDER BY score DESC, i.id
LIMIT 20
