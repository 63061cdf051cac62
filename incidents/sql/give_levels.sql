-- What the rules have said in one batch, as rows of JSON: each level once, and its line on the timeline.
WITH told AS (
    SELECT * FROM jsonb_to_recordset(%(rows)s::jsonb) AS t (
        place int, clock bigint, incident bigint, part bigint, level int, kind text,
        details jsonb, payload jsonb
    )
),

given AS (
    INSERT INTO incidents_supervision (
        clock_id, incident_id, level, by_rule, at, instruction, reply, cancel_reason
    )
    SELECT clock, incident, level, TRUE, %(now)s, '', '', '' FROM told
)

INSERT INTO incidents_incidentevent (incident_id, kind, at, note, part_id, details, payload)
SELECT incident, kind, %(now)s, '', part, details, payload FROM told ORDER BY place
