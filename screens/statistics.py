"""The statistics page: one table of a period, and the monthly and half-year report for printing."""

from datetime import date, timedelta

from django.contrib.auth.decorators import login_required
from django.shortcuts import render
from django.utils import timezone

from core.errors import DomainError
from geo_grid import districts
from incidents import queries
from incidents.indicators import Period, half_year, month
from incidents.serializers.statistics import (
    TITLES,
    StatisticsIn,
    as_lines,
    columns_of,
    main_count,
)


@login_required
def page(request):
    """A period by one dimension. What is asked wrongly is told, and the present year shown."""
    now = timezone.now()
    question, trouble = asked(request, now)
    context = {"trouble": trouble}
    try:
        table = queries.statistics(request.user, now, **question)
        context["tables"] = [as_shown(table)]
    except DomainError as error:
        context |= {"trouble": error.message, "tables": []}
    zone = districts.zone_of(request.user, now)
    context |= {
        "question": question,
        "dimensions": TITLES,
        "presets": presets(timezone.localdate(now, zone)),
    }
    context["query"] = request.GET.urlencode()
    return render(request, "screens/statistics.html", context)


@login_required
def report(request):
    """Last month or the month or half-year asked for, on paper: by area, category and office."""
    now = timezone.now()
    question, trouble = asked(request, now)
    try:
        tables = queries.statistics_report(request.user, now, question["period"])
        context = {"trouble": trouble, "tables": [as_shown(table) for table in tables]}
    except DomainError as error:
        context = {"trouble": error.message, "tables": []}
    context |= {"question": question, "report": True, "printed_at": now}
    context["zone"] = districts.zone_of(request.user, now)
    return render(request, "screens/statistics.html", context)


def asked(request, now) -> tuple[dict, str]:
    """What the address asks, and what is wrong with it; the present year where something is."""
    told = StatisticsIn(data=request.GET)
    if told.is_valid():
        return told.question(request.user, now), ""
    trouble = "; ".join(f"{name}: {one[0]}" for name, one in told.errors.items())
    fallback = StatisticsIn(data={})
    fallback.is_valid(raise_exception=True)
    return fallback.question(request.user, now), trouble


def as_shown(table: queries.Table) -> dict:
    """A table with its words, ready for the template."""
    *lines, total = as_lines(table)
    main = main_count(table.by)
    return {
        "by": table.by,
        "title": TITLES[table.by],
        "columns": columns_of(table.by),
        "lines": lines,
        "total": total,
        "counts": table.total.now,
        "main": getattr(table.total.now, main),
        "before": table.period.year_before(),
        "until": table.until,
        "missing": table.missing,
    }


def presets(today: date) -> dict[str, Period]:
    """Usual periods by the word of their button."""
    last = today.replace(day=1) - timedelta(days=1)
    half = 1 if today.month < 7 else 2
    return {
        "month": month(today.year, today.month),
        "last-month": month(last.year, last.month),
        "half": half_year(today.year, half),
        "year": Period(today.replace(month=1, day=1), today),
    }
