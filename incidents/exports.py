"""Statistics over HTTP, as JSON and as files."""

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import OpenApiTypes, extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from incidents import queries
from incidents.serializers.statistics import StatisticsIn, as_csv, as_statistics, as_xlsx

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KINDS = {"csv": ("text/csv; charset=utf-8", as_csv), "xlsx": (XLSX, as_xlsx)}


def counted(request) -> queries.Table:
    """The statistic a request asks for, as far as the viewer sees."""
    now = timezone.now()
    told = StatisticsIn(data=request.query_params)
    told.is_valid(raise_exception=True)
    return queries.statistics(request.user, now, **told.question(request.user, now))


class Statistics(APIView):
    """Counts and rates of a period by area, cell, category, worker, month or office."""

    @extend_schema(parameters=[StatisticsIn], responses=OpenApiTypes.OBJECT)
    def get(self, request):
        return Response(as_statistics(counted(request)))


class StatisticsFile(APIView):
    """The same as a spreadsheet, with headers in the language of the request."""

    throttle_scope = "export"

    @extend_schema(
        parameters=[StatisticsIn],
        responses={(200, "text/csv"): OpenApiTypes.BINARY, (200, XLSX): OpenApiTypes.BINARY},
    )
    def get(self, request, kind):
        media, write = KINDS[kind]
        table = counted(request)
        answer = HttpResponse(write(table), content_type=media)
        name = f"statistics-{table.by}-{table.period.first}-{table.period.last}.{kind}"
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer
