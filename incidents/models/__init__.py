"""Incidents: categories, cases, parts, clocks, limits, reporters, the timeline, answers, calendars."""

from incidents.models.answer import FollowUpCall, Message
from incidents.models.attachment import Attachment
from incidents.models.calendar import OfficeCalendar, WorkCalendar, WorkCalendarDay
from incidents.models.callouts import Called, Callout
from incidents.models.category import Category, ServiceItem
from incidents.models.clocks import Clock, Supervision, Suspension
from incidents.models.handover import Handover
from incidents.models.incident import Incident, IncidentLink
from incidents.models.limits import LimitRule
from incidents.models.parts import DepartmentDuty, Extension, Part, SkipRule
from incidents.models.reporter import Reporter, ReportReceipt
from incidents.models.timeline import IncidentEvent

__all__ = [
    "Attachment",
    "Called",
    "Callout",
    "Category",
    "Clock",
    "DepartmentDuty",
    "Extension",
    "FollowUpCall",
    "Handover",
    "Incident",
    "IncidentEvent",
    "IncidentLink",
    "LimitRule",
    "Message",
    "OfficeCalendar",
    "Part",
    "ReportReceipt",
    "Reporter",
    "ServiceItem",
    "SkipRule",
    "Supervision",
    "Suspension",
    "WorkCalendar",
    "WorkCalendarDay",
]
