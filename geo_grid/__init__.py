"""The ground and who answers for it: areas, cells, dated boundaries, posts, accounts, scope."""
