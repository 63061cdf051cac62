"""What workers do: diary, work log, visits, follow-up calls, activities, surveys, appraisal."""
