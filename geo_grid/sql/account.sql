-- An account that may come in at a moment.
SELECT {columns}
FROM geo_grid_user AS u
WHERE u.id = %(user)s AND {may_come_in}
