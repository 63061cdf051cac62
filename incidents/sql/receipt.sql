-- What a device was told about the report it sent under this id.
SELECT
    body_hash,
    answer::text AS answer
FROM incidents_reportreceipt
WHERE client_uuid = %(client_uuid)s::uuid
