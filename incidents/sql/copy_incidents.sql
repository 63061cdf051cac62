COPY incidents_incident (
    id, number, status, category_id, description, occurred_at, reported_at, closed_at, due_at,
    point, source_lon, source_lat, datum, address, likely_datum, district, community_id, cell_id,
    boundary_id, reason, distance_m, worker_id, worker_post_id, worker_rule, urgent, legacy,
    channel, external_source, external_id, closing, unanswered
) FROM STDIN
