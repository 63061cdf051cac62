-- Boundaries in force end at a moment.
UPDATE geo_grid_cellboundary
SET valid_during = tstzrange(lower(valid_during), %(since)s)
WHERE id = any(%(ids)s)
