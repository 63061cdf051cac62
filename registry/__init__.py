"""Who and what is there: people, households, places, things, organisations, service items."""
