-- The id of a device's report, once: a second request with it waits for the first one's end.
INSERT INTO incidents_reportreceipt (client_uuid, body_hash, created_at)
VALUES (%(client_uuid)s, %(body_hash)s, %(now)s)
ON CONFLICT (client_uuid) DO NOTHING
RETURNING client_uuid
