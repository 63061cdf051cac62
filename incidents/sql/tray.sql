-- The open parts of some offices: one page of the list, and the figures of the whole in every row.
WITH mine AS (
    SELECT
        p.id,
        p.incident_id,
        p.role,
        p.state,
        p.area_id,
        p.department_id,
        p.opened_at,
        k.stage,
        k.due_at,
        k.suspended_at,
        k.level AS supervision,
        coalesce(k.due_at, 'infinity') AS due,
        CASE
            WHEN k.due_at IS NULL OR k.suspended_at IS NOT NULL THEN 'green'
            WHEN k.due_at < %(now)s THEN 'red'
            WHEN k.warn_at <= %(now)s THEN 'yellow'
            ELSE 'green'
        END AS lamp
    FROM incidents_part AS p
    LEFT JOIN incidents_clock AS k ON p.id = k.part_id AND k.stopped_at IS NULL
    WHERE
        p.ended_at IS NULL
        AND (p.area_id = any(%(areas)s) OR p.department_id = any(%(departments)s))
),

figures AS (
    SELECT
        count(*) AS total,
        count(*) FILTER (WHERE lamp = 'red') AS red,
        count(*) FILTER (WHERE lamp = 'yellow') AS yellow,
        count(*) FILTER (WHERE lamp = 'green') AS green,
        count(*) FILTER (WHERE state = 'WAITING') AS waiting,
        count(*) FILTER (WHERE state = 'HANDLING') AS handling,
        count(*) FILTER (WHERE state = 'REWORK') AS rework,
        count(*) FILTER (WHERE state = 'SUSPENDED') AS suspended,
        count(*) FILTER (WHERE state = 'TO_VERIFY') AS to_verify,
        count(*) FILTER (WHERE state = 'TO_CLOSE') AS to_close,
        count(*) FILTER (WHERE state = 'TO_READ') AS to_read
    FROM mine
),

page AS (
    SELECT * FROM mine
    WHERE
        (%(lamp)s = '' OR lamp = %(lamp)s)
        AND (%(state)s = '' OR state = %(state)s)
        AND (%(role)s = '' OR role = %(role)s)
        AND (due, id) > (%(after_due)s::timestamptz, %(after_id)s)
    ORDER BY due, id
    LIMIT %(limit)s
)

SELECT
    figures.*,
    page.id AS part,
    page.role,
    page.state,
    page.stage,
    page.opened_at,
    page.due_at,
    page.due,
    page.lamp,
    page.supervision,
    page.suspended_at,
    i.number,
    i.status,
    i.description,
    i.address,
    i.urgent,
    i.legacy,
    i.reported_at,
    i.reworks,
    i.returns,
    c.code AS category,
    c.name AS category_name,
    c.sensitive,
    cell.code AS cell,
    cell.name AS cell_name,
    coalesce(area.name, department.name) AS office_name,
    coalesce(area.code, department.code) AS office
FROM figures
LEFT JOIN page ON TRUE
LEFT JOIN incidents_incident AS i ON page.incident_id = i.id
LEFT JOIN incidents_category AS c ON i.category_id = c.id
LEFT JOIN geo_grid_cell AS cell ON i.cell_id = cell.id
LEFT JOIN geo_grid_area AS area ON page.area_id = area.id
LEFT JOIN geo_grid_department AS department ON page.department_id = department.id
ORDER BY page.due, page.id
