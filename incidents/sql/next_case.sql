-- What a new case is called and where its first rows will lie.
SELECT
    nextval('incidents_number') AS number,
    nextval('incidents_incident_id_seq') AS incident,
    nextval('incidents_part_id_seq') AS part,
    nextval('incidents_clock_id_seq') AS clock
