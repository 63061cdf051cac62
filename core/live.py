"""The channel on which the database wakes the live streams. A message carries nothing."""

CHANNEL = "live"
