-- An API token that is good at a moment, and its account.
SELECT
    t.id, t.user_id, t.label, t.scopes, t.last_used_on,
    u.username, u.display_name, u.phone, u.is_active, u.is_staff, u.is_superuser
FROM geo_grid_apitoken AS t
INNER JOIN geo_grid_user AS u ON t.user_id = u.id
WHERE
    t.digest = %(digest)s
    AND t.revoked_at IS NULL
    AND (t.expires_at IS NULL OR t.expires_at > %(now)s::timestamptz)
    AND {may_come_in}
