"""Proposals to balance the workload of cells, under /api/v1/plans/{id}/proposals/.

POST plans/{id}/proposals/       {cells, across}: lines of JSON, {"share": 0.4} while it computes,
                                 at last {"answer": {"now": figures, "proposals": [...]}}
POST plans/{id}/proposals/draw/  {cells, across, name}: that proposal as one edit; If-Match

Whoever closes the connection cancels. The same plan and cells give the same proposals.
"""

import json
import queue
import threading
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial

import shapely
from django.http import StreamingHttpResponse
from django.utils import timezone
from drf_spectacular.utils import OpenApiTypes, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from geo_grid import scope, services
from geo_grid.coordinates import served_copy
from geo_grid.plan_serializers import edited_out
from geo_grid.plans_api import IF_MATCH, PlanView, sequence_seen, told
from geo_grid.proposals import Cancelled
from incidents import workload


class BalanceIn(serializers.Serializer):
    """The cells to balance, and whether load may pass from one community to another."""

    cells = serializers.ListField(child=serializers.CharField(max_length=20), max_length=2000)
    across = serializers.BooleanField(required=False, default=False)


class ProposalIn(BalanceIn):
    """The alternative to draw."""

    name = serializers.CharField(max_length=20)


class Balance(PlanView):
    """The task of a request: the plan's cells in pieces, weighed by a year's incidents."""

    throttle_scope = "compute"

    def task(self, plan, wanted, now):
        scope.must_draw_in(self.request.user, plan.district, now)
        return services.task_of(
            plan=plan,
            codes=wanted["cells"],
            points=partial(workload.places, now=now),
            across=wanted["across"],
        )


class Proposals(Balance):
    """Alternatives with their figures and the ground that would move."""

    @extend_schema(request=BalanceIn, responses=OpenApiTypes.OBJECT)
    def post(self, request, number):
        wanted, now = told(BalanceIn, request.data), timezone.now()
        plan = self.plan(request, number)
        lines = _lines(self.task(plan, wanted, now), plan.record_srid)
        return StreamingHttpResponse(lines, content_type="application/x-ndjson")


class ProposalDraw(Balance):
    """One alternative as an edit of the plan."""

    @extend_schema(parameters=[IF_MATCH], request=ProposalIn, responses={201: OpenApiTypes.OBJECT})
    def post(self, request, number):
        wanted, now = told(ProposalIn, request.data), timezone.now()
        plan = self.plan(request, number)
        edit = services.draw_proposal(
            plan=plan,
            task=self.task(plan, wanted, now),
            name=wanted["name"],
            expected=sequence_seen(request),
            actor=request.user,
            now=now,
        )
        return Response(edited_out(edit), status=201)


def _lines(task, srid: int) -> Iterator[str]:
    """Progress and answer as lines of JSON, while a thread computes; it needs no database."""
    heard: queue.SimpleQueue = queue.SimpleQueue()
    stop = threading.Event()

    def progress(share: float) -> bool:
        heard.put({"share": round(share, 3)})
        return not stop.is_set()

    def work() -> None:
        try:
            heard.put({"answer": _answer(task, task.run(progress), srid)})
        except Cancelled:
            heard.put({})
        except Exception:
            heard.put({})
            raise

    threading.Thread(target=work, daemon=True).start()
    try:
        line = {"share": 0.0}
        while "share" in line:
            yield json.dumps(line) + "\n"
            line = heard.get()
        yield json.dumps(line) + "\n"
    finally:
        stop.set()


def _answer(task, proposals, srid: int) -> dict:
    return {
        "now": asdict(task.now()),
        "proposals": [
            {
                "name": proposal.name,
                "figures": asdict(proposal.figures),
                "moves": {
                    "type": "FeatureCollection",
                    "features": [_move(*move, srid) for move in task.moves(proposal)],
                },
            }
            for proposal in proposals
        ],
    }


def _move(origin: str, result: str, ground, srid: int) -> dict:
    shape = json.loads(shapely.to_geojson(served_copy(ground, srid)))
    return {
        "type": "Feature",
        "geometry": shape,
        "properties": {"origin": origin, "result": result, "area_m2": round(ground.area, 1)},
    }
