"""From report to closure: intake, location, assignment, deadlines, timeline."""
