SELECT count(*) AS features FROM ({source}) AS f
