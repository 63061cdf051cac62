"""Every write of incidents, in the order of the flow."""

from incidents.services.reference import (
    load_categories,
    load_duties,
    load_limits,
    load_work_calendar,
    publish_district_days,
    publish_year,
)
from incidents.services.admission import ask_admission, decide_admission
from incidents.services.replay import report_once
from incidents.services.intake import Report, report_incident
from incidents.services.location import Location, locate_incident
from incidents.services.assignment import assign_incident, set_deadline
from incidents.services.timeline import record_event
from incidents.services.clocks import (
    draft_clock,
    extend_clock,
    recompute_clock,
    resume_clock,
    start_clock,
    stop_clock,
    suspend_clock,
)
from incidents.services.supervision import (
    cancel_supervision,
    reply_to_supervision,
    supervise_case,
    supervise_due,
    supervise_part,
)
from incidents.services.resuming import end_suspensions
from incidents.services.routing import Moved, Told, accept_cases, make_move
from incidents.services.reporters import reveal_contact, sealed_reporter
from incidents.services.messages import send_messages
from incidents.services.callouts import (
    answer_callout,
    cancel_callout,
    record_arrival,
    score_callout,
)
from incidents.services.calls import record_call
from incidents.services.attachments import attach_file
from incidents.services.answer import answer_to
from incidents.services.bulk import import_incidents
from incidents.services.opening import open_imported
from incidents.services.handover import publish_coverage, publish_due_plans, publish_plan
from incidents.services.succession import follow_posts

__all__ = [
    "follow_posts",
    "Location",
    "Moved",
    "Report",
    "Told",
    "accept_cases",
    "answer_callout",
    "answer_to",
    "ask_admission",
    "assign_incident",
    "attach_file",
    "cancel_callout",
    "cancel_supervision",
    "decide_admission",
    "draft_clock",
    "end_suspensions",
    "extend_clock",
    "import_incidents",
    "load_categories",
    "load_duties",
    "load_limits",
    "load_work_calendar",
    "locate_incident",
    "make_move",
    "open_imported",
    "publish_district_days",
    "publish_year",
    "recompute_clock",
    "record_arrival",
    "record_call",
    "publish_coverage",
    "publish_due_plans",
    "publish_plan",
    "record_event",
    "reply_to_supervision",
    "report_incident",
    "report_once",
    "resume_clock",
    "reveal_contact",
    "sealed_reporter",
    "score_callout",
    "send_messages",
    "set_deadline",
    "start_clock",
    "stop_clock",
    "supervise_case",
    "supervise_due",
    "supervise_part",
    "suspend_clock",
]
