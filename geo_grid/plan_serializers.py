"""Shapes of plans in and out."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from core.errors import Invalid
from core.fields import MomentField
from geo_grid import intents, plan_queries
from geo_grid.coordinates import DATUMS
from geo_grid.models import BoundaryPlan, GridRevision, PlanEdit, PlanReview, User
from geo_grid.plan_checks import Finding
from geo_grid.plan_files import DRIVERS
from geo_grid.scope import draws_in, reviews_in
from geo_grid.serializers import feature_collection

DISTRICT = r"^\d{6}$"


class PlansIn(serializers.Serializer):
    """`?status=` and `?district=`."""

    status = serializers.ChoiceField(choices=BoundaryPlan.Status.values, required=False, default="")
    district = serializers.RegexField(DISTRICT, required=False, default="")


class PlanIn(serializers.Serializer):
    """A plan to begin."""

    name = serializers.CharField(max_length=120)
    district = serializers.RegexField(DISTRICT)
    note = serializers.CharField(max_length=2000, required=False, default="", allow_blank=True)


class ImportIn(serializers.Serializer):
    """A file to begin a plan from."""

    file = serializers.FileField(max_length=120)
    name = serializers.CharField(max_length=120)
    district = serializers.RegexField(DISTRICT)
    code_field = serializers.CharField(max_length=60)
    name_field = serializers.CharField(max_length=60, required=False, default="", allow_blank=True)
    layer = serializers.CharField(max_length=80, required=False, default="", allow_blank=True)
    source_crs = serializers.CharField(
        max_length=200, required=False, default="", allow_blank=True, help_text=", ".join(DATUMS)
    )


class EditIn(serializers.Serializer):
    """One edit; the other fields depend on the kind."""

    kind = serializers.ChoiceField(choices=sorted(intents.FIELDS))
    note = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)

    @staticmethod
    def parted(body) -> tuple[str, str, dict]:
        """Kind, note, and the fields of the kind."""
        if not isinstance(body, dict):
            raise Invalid(_("An object is expected."), "body")
        asked = EditIn(data=body)
        asked.is_valid(raise_exception=True)
        rest = {key: value for key, value in body.items() if key not in ("kind", "note")}
        return asked.validated_data["kind"], asked.validated_data["note"], rest


class StepIn(serializers.Serializer):
    """A step on a plan's way."""

    decision = serializers.ChoiceField(
        choices=["SUBMITTED", "APPROVED", "RETURNED", "SCHEDULED", "WITHDRAWN"]
    )
    content_hash = serializers.RegexField(r"^[0-9a-f]{64}$")
    comment = serializers.CharField(max_length=2000, required=False, default="", allow_blank=True)
    effective_at = MomentField(required=False, default=None)


class RebaseIn(serializers.Serializer):
    """Sequences of edits to leave out."""

    leave_out = serializers.ListField(
        child=serializers.IntegerField(min_value=1), required=False, default=list, max_length=1000
    )


class RevertIn(serializers.Serializer):
    """Why a plan is taken back."""

    note = serializers.CharField(max_length=2000, required=False, default="", allow_blank=True)


class ExportIn(serializers.Serializer):
    """`?as=` and `?crs=`."""

    crs = serializers.ChoiceField(
        choices=["wgs84", "cgcs2000", "metric"], required=False, default="wgs84"
    )

    def get_fields(self):
        kinds = serializers.ChoiceField(choices=list(DRIVERS), required=False, default="geojson")
        return {**super().get_fields(), "as": kinds}


class VersionsIn(serializers.Serializer):
    """`?district=`."""

    district = serializers.RegexField(DISTRICT)


def plan_out(plan: BoundaryPlan, viewer: User | None = None, now: datetime | None = None) -> dict:
    """A plan; with a viewer also its steps, and what may be done next by whom."""
    shown = {
        "id": plan.pk,
        "name": plan.name,
        "note": plan.note,
        "status": plan.status,
        "status_name": plan.get_status_display(),
        "district": plan.district,
        "author": str(plan.author) if plan.author_id else "",
        "base": plan.base.number if plan.base_id else None,
        "base_at": plan.base.effective_at if plan.base_id else None,
        "reverts": plan.reverts_id,
        "sequence": plan.sequence,
        "content_hash": plan.content_hash,
        "created_at": plan.created_at,
        "effective_at": plan.effective_at,
    }
    if viewer is None or now is None:
        return shown
    return shown | _detail(plan, viewer, now)


def _detail(plan: BoundaryPlan, viewer: User, now: datetime) -> dict:
    undo, redo = plan_queries.undoable(plan), plan_queries.redoable(plan)
    moved = plan_queries.moved_base(plan, now) if plan.status in BoundaryPlan.OPEN else None
    steps = plan.reviews.select_related("reviewer").order_by("at", "pk")
    return {
        "undo": undo and undo.kind,
        "redo": redo and redo.kind,
        "moved_base": moved
        and {"version": moved["revision"].number, "conflicts": moved["conflicts"]},
        "steps": [step_out(step) for step in steps],
        "notes": [{"kind": one["kind"], "text": one["note"]} for one in plan.report],
        "may": {
            "draw": _covers(draws_in(viewer, now), plan),
            "review": _covers(reviews_in(viewer, now), plan)
            and plan.author_id != viewer.pk
            and not plan.edits.filter(actor=viewer).exists(),
            "publish": _covers(reviews_in(viewer, now), plan),
        },
    }


def _covers(codes: frozenset[str], plan: BoundaryPlan) -> bool:
    return any(plan.district.startswith(code[:6]) for code in codes)


def step_out(step: PlanReview) -> dict:
    """Who did what, when and why."""
    return {
        "decision": step.decision,
        "decision_name": step.get_decision_display(),
        "by": str(step.reviewer) if step.reviewer_id else "",
        "at": step.at,
        "comment": step.comment,
        "content_hash": step.content_hash,
    }


def edit_out(edit: PlanEdit, counts: bool) -> dict:
    """One line of the list of edits; counts: it was not undone."""
    return {
        "sequence": edit.sequence,
        "kind": edit.kind,
        "undoes": edit.undoes,
        "cells": edit.cells,
        "note": edit.note,
        "by": str(edit.actor) if edit.actor_id else "",
        "at": edit.at,
        "counts": counts,
    }


def edited_out(edit: PlanEdit) -> dict:
    """What the page needs to draw after an edit."""
    plan = edit.plan
    undo, redo = plan_queries.undoable(plan), plan_queries.redoable(plan)
    rows = plan_queries.features(plan, codes=edit.cells)
    there = {row["code"] for row in rows}
    return {
        "sequence": plan.sequence,
        "status": plan.status,
        "content_hash": plan.content_hash,
        "undo": undo and undo.kind,
        "redo": redo and redo.kind,
        "edit": edit_out(edit, True),
        "cells": feature_collection(rows),
        "gone": [code for code in edit.cells if code not in there],
    }


def finding_out(finding: Finding) -> dict:
    """A finding with its place."""
    place = finding.place and {"lon": finding.place[0], "lat": finding.place[1]}
    told = {"kind": finding.kind, "level": finding.level, "text": finding.text}
    return {**told, "cells": list(finding.cells), "place": place, **finding.more}


def borders_out(found: dict) -> dict:
    """Arcs and junctions as one FeatureCollection."""
    lines = [
        {
            "type": "Feature",
            "geometry": {"type": "LineString", "coordinates": points.tolist()},
            "properties": {"cells": list(arc.cells), "outer": len(arc.cells) == 1},
        }
        for arc, points in found["arcs"]
    ]
    return {"type": "FeatureCollection", "features": lines, "junctions": found["nodes"].tolist()}


def revision_out(revision: GridRevision) -> dict:
    """A version of the map with its certificate."""
    return {
        "number": revision.number,
        "district": revision.district,
        "effective_at": revision.effective_at,
        "published_at": revision.published_at,
        "plan": revision.plan_id,
        "plan_name": revision.plan.name,
        "cells": revision.cells,
        "half_edges": revision.half_edges,
        "residual": revision.residual,
        "proven": revision.residual == 0,
        "area_m2": float(revision.area2_mm2) / 2e6,
        "sha256": revision.sha256,
    }
