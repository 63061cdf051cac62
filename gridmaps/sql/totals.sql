-- How many incidents of a layer there are of each kind.
SELECT
    f.status,
    f.lamp,
    f.cell IS NULL AS unassigned,
    count(*) AS incidents
FROM ({source}) AS f
GROUP BY f.status, f.lamp, f.cell IS NULL
