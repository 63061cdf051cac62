-- The newest run of any district made before a moment.
SELECT coalesce(max(r.id), 0)::text AS version
FROM hotspots_hotspotrun AS r
WHERE r.made_at <= %(at)s
