COPY incidents_incidentevent (incident_id, kind, at, note, payload) FROM STDIN
