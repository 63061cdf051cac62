-- What was told to the device, so that it is told the same again.
UPDATE incidents_reportreceipt SET answer = %(answer)s::jsonb
WHERE client_uuid = %(client_uuid)s::uuid
