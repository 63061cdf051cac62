"""Hot spots over HTTP."""

from django.utils import timezone
from drf_spectacular.utils import OpenApiTypes, extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from hotspots import queries
from hotspots.serializers import HotspotsIn, collection


class Hotspots(APIView):
    """Where the reports of a period cluster, over the cells you see, with method and caveats."""

    throttle_scope = "compute"

    @extend_schema(parameters=[HotspotsIn], responses=OpenApiTypes.OBJECT)
    def get(self, request):
        wanted = HotspotsIn(data=request.query_params)
        wanted.is_valid(raise_exception=True)
        told = dict(wanted.validated_data)
        told.pop("method")
        found = queries.hotspots(viewer=request.user, now=timezone.now(), **told)
        return Response(collection(found))
