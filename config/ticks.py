"""What the scheduler does, and how often. Each tick may run twice, late, or be killed half-way."""

from collections.abc import Callable
from dataclasses import dataclass

from core import files
from hotspots import services as hotspots
from incidents import services, worktime


@dataclass(frozen=True, slots=True)
class Tick:
    """Run `run(now=...)` every `seconds`."""

    name: str
    seconds: float
    run: Callable[..., object]


TICKS = (
    Tick("plans", 10, services.publish_due_plans),
    Tick("imported", 60, services.open_imported),
    Tick("supervision", 5, services.supervise_due),
    Tick("suspensions", 60, services.end_suspensions),
    Tick("posts", 30, services.follow_posts),
    Tick("messages", 5, services.send_messages),
    Tick("hotspots", 3600, hotspots.keep_runs),
    Tick("files", 24 * 3600, files.sweep),
    Tick("calendar", 24 * 3600, worktime.warn_of_missing_years),
)
