"""What a plan would change for the incidents, and its publication, under /api/v1/plans/{id}/."""

from django.utils import timezone
from drf_spectacular.utils import OpenApiTypes, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from geo_grid import plan_queries
from geo_grid.models import ApiToken
from incidents import impact, services


class PublishIn(serializers.Serializer):
    """The content that the person saw."""

    content_hash = serializers.RegexField(r"^[0-9a-f]{64}$")


class PlanImpact(APIView):
    """Cells before and after, pieces that change hands with their incidents, posts that move."""

    throttle_scope = "compute"

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request, number):
        now = timezone.now()
        return Response(impact.impact(plan_queries.plan(request.user, now, number), now))


class PlanPublish(APIView):
    """Put an approved plan into force now."""

    token_scopes = ApiToken.MANAGED
    throttle_scope = "compute"

    @extend_schema(request=PublishIn, responses=OpenApiTypes.OBJECT)
    def post(self, request, number):
        now = timezone.now()
        asked = PublishIn(data=request.data)
        asked.is_valid(raise_exception=True)
        revision = services.publish_plan(
            plan=plan_queries.plan(request.user, now, number),
            content_hash=asked.validated_data["content_hash"],
            actor=request.user,
            now=now,
        )
        return Response(
            {
                "version": revision.number,
                "effective_at": revision.effective_at,
                "cells": revision.cells,
                "residual": revision.residual,
                "sha256": revision.sha256,
                "handed_over": revision.plan.handovers.count(),
            }
        )
