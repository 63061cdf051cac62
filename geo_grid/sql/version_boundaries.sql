-- Changes with every boundary that comes into force or ends, also in the future.
SELECT count(*) AS number, max(id) AS newest, count(*) FILTER (WHERE NOT upper_inf(valid_during)) AS ended
FROM geo_grid_cellboundary
WHERE valid_during IS NOT NULL
