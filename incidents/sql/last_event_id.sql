SELECT last_value - (NOT is_called)::int AS id
FROM incidents_incidentevent_id_seq
