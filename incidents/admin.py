"""Incidents in the administration pages: reference data to edit, the rest to look at."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from incidents.models import (
    Category,
    DepartmentDuty,
    LimitRule,
    OfficeCalendar,
    ServiceItem,
    SkipRule,
    WorkCalendar,
    WorkCalendarDay,
)


@admin.register(Category)
class CategoryAdmin(admin.ModelAdmin):
    list_display = (
        *("code", "name", "limit_value", "limit_unit", "department", "service_item"),
        *("needs_photo", "needs_verify", "needs_call", "sensitive", "active"),
    )
    list_filter = ("active", "sensitive", "department")
    search_fields = ("code", "name")
    autocomplete_fields = ("parent",)


@admin.register(DepartmentDuty)
class DepartmentDutyAdmin(admin.ModelAdmin):
    list_display = ("department", "category", "area")
    list_filter = ("department",)
    autocomplete_fields = ("category", "area")


@admin.register(SkipRule)
class SkipRuleAdmin(admin.ModelAdmin):
    list_display = ("category", "area", "urgent_only", "active")
    autocomplete_fields = ("category", "area")


@admin.register(ServiceItem)
class ServiceItemAdmin(admin.ModelAdmin):
    """To look at: asking and deciding are acts of offices (incidents/services/admission.py)."""

    list_display = ("name", "owner", "state", "temporary", "valid_until", "decided_by")

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(WorkCalendarDay)
class WorkCalendarDayAdmin(admin.ModelAdmin):
    list_display = ("date", "is_open", "calendar", "hours", "note")
    list_filter = ("calendar",)
    date_hierarchy = "date"

    @admin.display(description=_("workday"), boolean=True)
    def is_open(self, day):
        return bool(day.spans)

    @admin.display(description=_("hours"))
    def hours(self, day):
        return ", ".join(f"{opens:%H:%M}–{closes:%H:%M}" for opens, closes in day.spans)


class OfficeCalendarInline(admin.TabularInline):
    model = OfficeCalendar
    autocomplete_fields = ("area",)
    extra = 1


@admin.register(WorkCalendar)
class WorkCalendarAdmin(admin.ModelAdmin):
    """The bodies that keep it stand below; while there is one, it cannot be deleted."""

    list_display = ("name",)
    inlines = (OfficeCalendarInline,)

    def has_delete_permission(self, request, obj=None):
        in_use = obj is not None and obj.offices.exists()
        return not in_use and super().has_delete_permission(request, obj)


@admin.register(LimitRule)
class LimitRuleAdmin(admin.ModelAdmin):
    list_display = (
        "stage",
        "body",
        "department",
        "category",
        "unit",
        "reminded",
        "supervised",
        "yellow",
        "red",
    )
    list_filter = ("stage", "body")
    autocomplete_fields = ("category",)
