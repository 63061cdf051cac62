"""Where it clusters: statistics over the layers of the packages below."""
