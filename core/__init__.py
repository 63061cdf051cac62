"""What every package stands on: errors, raw SQL, announcing, what a layer is, HTTP glue."""
