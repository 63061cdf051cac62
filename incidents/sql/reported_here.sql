-- Whatever was reported near a spot lately, open or not, the newest first.
SELECT
    i.id,
    ST_Distance(i.point::geography, ST_MakePoint(%(lon)s, %(lat)s)::geography) AS distance
FROM incidents_incident AS i
WHERE
    i.point && ST_Expand(
        ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326),
        %(radius_m)s / 110000.0 / greatest(cos(radians(%(lat)s)), 0.01),
        %(radius_m)s / 110000.0
    )
    AND ST_DWithin(
        i.point::geography, ST_MakePoint(%(lon)s, %(lat)s)::geography, %(radius_m)s
    )
    AND i.reported_at > %(since)s
    AND i.reported_at <= %(now)s
ORDER BY i.reported_at DESC, i.id DESC
LIMIT 50
