COPY incidents_incidentevent (incident_id, kind, at, note, payload, details) FROM STDIN
