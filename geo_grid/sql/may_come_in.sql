-- A condition on `u`, an account: the rule of scope.may_come_in, in words that are planned once,
-- because it is asked with every request.
u.is_active
AND (
    u.is_superuser
    OR NOT EXISTS (SELECT 1 FROM geo_grid_post AS p WHERE p.user_id = u.id)
    OR EXISTS (
        SELECT 1 FROM geo_grid_post AS p
        WHERE
            p.user_id = u.id
            AND (upper_inf(p.held_during) OR upper(p.held_during) > %(now)s::timestamptz)
    )
)
