"""Boundary plans over HTTP, under /api/v1/.

GET  plans/?status=&district=           the plans you may see
POST plans/  {name, district, note}     begin a plan on the map in force
POST plans/import/  multipart file, name, district, code_field, name_field, source_crs
GET  plans/{id}/                        state, sequence, content_hash, undo, redo, steps, may
GET  plans/{id}/cells/?changed=1        GeoJSON; properties code name kind community change
GET  plans/{id}/borders/?cells=a,b      shared borders once (LineString, cells) and junctions
GET  plans/{id}/edits/                  the list of edits
POST plans/{id}/edits/  {kind, ...}     one edit; If-Match: the sequence you saw
POST plans/{id}/undo/   plans/{id}/redo/    the same header
GET  plans/{id}/checks/                 findings, blocking first, each with its place
POST plans/{id}/steps/  {decision, content_hash, comment, effective_at}
POST plans/{id}/rebase/ {leave_out}     draw the edits again on the map in force; If-Match
POST plans/{id}/revert/ {note}          begin the plan that takes a published one back
GET  plans/{id}/export/?as=geojson|gpkg|shp&crs=wgs84|cgcs2000|metric
GET  versions/?district=                versions of a map with their certificates
GET  versions/{district}/{number}/lineage/
GET  plans/{id}/impact/  POST plans/{id}/publish/   in `incidents.plans_api`

Edits (geometry is GeoJSON in WGS84 degrees): SPLIT {cell, lines, keep, names, many},
TRANSFER {region, to_cell, cells}, CUT_OUT {region, cells, name, community, cell_kind},
RESHAPE {cells: [two], lines}, MERGE {cells, into}, RETIRE {cell, into}, MOVE_VERTEX {at, to},
INSERT_VERTEX {at, to}, REMOVE_VERTEX {at}, REASSIGN {cell, community}, RENAME {cell, name,
cell_kind}, RECODE {cell}. An edit that cannot be done is 409 with `reason`, `place` {lon, lat}
and `cells`; a stale If-Match is 409 with `sequence` and `changed`.
"""

import tempfile
from pathlib import Path

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, OpenApiTypes, extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from core.errors import Invalid
from core.http import form_of
from geo_grid import plan_checks, plan_files, plan_queries, scope, services
from geo_grid.models import ApiToken
from geo_grid.plan_serializers import (
    EditIn,
    ExportIn,
    ImportIn,
    PlanIn,
    PlansIn,
    RebaseIn,
    RevertIn,
    StepIn,
    VersionsIn,
    borders_out,
    edit_out,
    edited_out,
    finding_out,
    plan_out,
    revision_out,
)
from geo_grid.serializers import feature_collection

IF_MATCH = OpenApiParameter("If-Match", str, OpenApiParameter.HEADER, required=True)


def told(shape, values) -> dict:
    """The checked values of a request."""
    asked = shape(data=values)
    asked.is_valid(raise_exception=True)
    return asked.validated_data


def sequence_seen(request) -> int:
    """The sequence of the plan that the planner saw (If-Match)."""
    text = request.headers.get("If-Match", "").strip().removeprefix("W/").strip('"')
    if not text.isdigit() or len(text) > 9:
        raise Invalid(_("Send If-Match with the sequence of the plan that you saw."), "If-Match")
    return int(text)


class PlanView(APIView):
    """A page of one plan: finds it, if the viewer may see it."""

    token_scopes = ApiToken.MANAGED

    def plan(self, request, number):
        return plan_queries.plan(request.user, timezone.now(), number)


class Plans(APIView):
    """The plans; begin one."""

    token_scopes = ApiToken.MANAGED

    @extend_schema(
        operation_id="api_v1_plans_list", parameters=[PlansIn], responses=OpenApiTypes.OBJECT
    )
    def get(self, request):
        wanted, now = told(PlansIn, request.query_params), timezone.now()
        found = plan_queries.plans(request.user, now, **wanted)[:200]
        return Response({"plans": [plan_out(plan) for plan in found]})

    @extend_schema(request=PlanIn, responses={201: OpenApiTypes.OBJECT})
    def post(self, request):
        now = timezone.now()
        plan = services.begin_plan(author=request.user, now=now, **told(PlanIn, request.data))
        return Response(plan_out(plan, request.user, now), status=201)


MOST_BYTES = 64 * 1024 * 1024  # of a file of polygons


class PlanImport(APIView):
    """Begin a plan from a file of polygons."""

    token_scopes = ApiToken.MANAGED
    throttle_scope = "upload"
    parser_classes = [form_of(lambda: MOST_BYTES)]

    @extend_schema(request=ImportIn, responses={201: OpenApiTypes.OBJECT})
    def post(self, request):
        wanted, now = told(ImportIn, request.data), timezone.now()
        scope.must_draw_in(request.user, wanted["district"], now)  # before the file is looked at
        file = wanted.pop("file")
        with tempfile.TemporaryDirectory() as folder:
            # a name of our own: the one that was sent may be longer than a file system allows
            path = Path(folder) / f"upload{Path(file.name).suffix[:20]}"
            path.write_bytes(file.read())
            plan = services.import_plan(
                path=path, author=request.user, now=now, note=file.name, **wanted
            )
        return Response(plan_out(plan, request.user, now), status=201)


class Plan(PlanView):
    """One plan: its state, what may be done next, and who did what."""

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request, number):
        plan, now = self.plan(request, number), timezone.now()
        return Response(plan_out(plan, request.user, now), headers={"ETag": f'"{plan.sequence}"'})


class PlanCells(PlanView):
    """The cells as the plan draws them."""

    @extend_schema(parameters=[OpenApiParameter("changed", bool)], responses=OpenApiTypes.OBJECT)
    def get(self, request, number):
        plan = self.plan(request, number)
        changed = request.query_params.get("changed") in ("1", "true")
        body = feature_collection(plan_queries.features(plan, changed=changed))
        return Response({**body, "gone": plan_queries.gone_codes(plan), "sequence": plan.sequence})


class PlanBorders(PlanView):
    """Shared borders, each once, and junctions."""

    @extend_schema(parameters=[OpenApiParameter("cells", str)], responses=OpenApiTypes.OBJECT)
    def get(self, request, number):
        codes = [code for code in request.query_params.get("cells", "").split(",") if code]
        found = plan_queries.borders(self.plan(request, number), codes or None)
        return Response(borders_out(found))


class PlanEdits(PlanView):
    """The list of edits; carry out one more."""

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request, number):
        plan = self.plan(request, number)
        counting = {edit.sequence for edit in plan_queries.effective_edits(plan)}
        rows = plan.edits.select_related("actor").order_by("sequence")
        return Response({"edits": [edit_out(edit, edit.sequence in counting) for edit in rows]})

    @extend_schema(parameters=[IF_MATCH], request=EditIn, responses={201: OpenApiTypes.OBJECT})
    def post(self, request, number):
        kind, note, asked = EditIn.parted(request.data)
        edit = services.edit_plan(
            plan=self.plan(request, number),
            kind=kind,
            asked=asked,
            expected=sequence_seen(request),
            actor=request.user,
            now=timezone.now(),
            note=note,
        )
        return Response(edited_out(edit), status=201)


class PlanUndo(PlanView):
    """Take the last edit back."""

    service = staticmethod(services.undo_edit)

    @extend_schema(parameters=[IF_MATCH], request=None, responses={201: OpenApiTypes.OBJECT})
    def post(self, request, number):
        edit = self.service(
            plan=self.plan(request, number),
            expected=sequence_seen(request),
            actor=request.user,
            now=timezone.now(),
        )
        return Response(edited_out(edit), status=201)


class PlanRedo(PlanUndo):
    """Put the edit back that was undone last."""

    service = staticmethod(services.redo_edit)


class PlanChecks(PlanView):
    """What speaks against the plan."""

    throttle_scope = "compute"

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request, number):
        found = plan_checks.findings(self.plan(request, number), timezone.now())
        return Response({"findings": [finding_out(one) for one in found]})


class PlanSteps(PlanView):
    """Submit, approve, return, schedule or withdraw exactly the content you saw."""

    @extend_schema(request=StepIn, responses=OpenApiTypes.OBJECT)
    def post(self, request, number):
        now = timezone.now()
        step = told(StepIn, request.data)
        plan = services.decide_plan(
            plan=self.plan(request, number), actor=request.user, now=now, **step
        )
        return Response(plan_out(plan, request.user, now))


class PlanRebase(PlanView):
    """Draw the edits again on the map in force."""

    throttle_scope = "compute"

    @extend_schema(parameters=[IF_MATCH], request=RebaseIn, responses=OpenApiTypes.OBJECT)
    def post(self, request, number):
        now = timezone.now()
        plan = services.rebase_plan(
            plan=self.plan(request, number),
            expected=sequence_seen(request),
            actor=request.user,
            now=now,
            leave_out=tuple(told(RebaseIn, request.data)["leave_out"]),
        )
        return Response(plan_out(plan, request.user, now))


class PlanRevert(PlanView):
    """Begin the plan that takes a published plan back."""

    @extend_schema(request=RevertIn, responses={201: OpenApiTypes.OBJECT})
    def post(self, request, number):
        now = timezone.now()
        plan = services.revert_plan(
            plan=self.plan(request, number),
            author=request.user,
            now=now,
            **told(RevertIn, request.data),
        )
        return Response(plan_out(plan, request.user, now), status=201)


class PlanExport(PlanView):
    """The plan's cells as a file."""

    throttle_scope = "export"

    @extend_schema(
        parameters=[ExportIn],
        responses={(200, media): OpenApiTypes.BINARY for media in plan_files.MEDIA.values()},
    )
    def get(self, request, number):
        plan = self.plan(request, number)
        wanted = told(ExportIn, request.query_params)
        kind, crs = wanted["as"], plan_files.crs_of(wanted["crs"], plan.record_srid)
        body = plan_files.as_file(plan_queries.features(plan), kind, crs)
        answer = HttpResponse(body, content_type=plan_files.MEDIA[kind])
        name = f"plan-{plan.pk}.{plan_files.ENDINGS[kind]}"
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer


class Versions(APIView):
    """The versions of the map of a district in which you hold a post."""

    @extend_schema(parameters=[VersionsIn], responses=OpenApiTypes.OBJECT)
    def get(self, request):
        wanted = told(VersionsIn, request.query_params)
        found = plan_queries.versions(request.user, timezone.now(), wanted["district"])
        return Response({"versions": [revision_out(one) for one in found]})


class Lineage(APIView):
    """Which cells came from which, by share of the area."""

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request, district, number):
        revision = plan_queries.version(request.user, timezone.now(), district, number)
        rows = list(plan_queries.lineage(revision))
        return Response({"version": revision_out(revision), "lineage": rows})
