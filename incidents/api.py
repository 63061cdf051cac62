"""Incidents over HTTP."""

import re

from django.http import FileResponse
from django.utils import timezone
from drf_spectacular.utils import OpenApiTypes, extend_schema
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView

from core.http import form_of
from geo_grid.models import ApiToken
from incidents import queries, services
from incidents.serializers import (
    AroundIn,
    CallIn,
    DuplicatesIn,
    EventOut,
    FileIn,
    IncidentIn,
    IncidentOut,
    ListIn,
    ManyIn,
    MoveIn,
    RevealIn,
    SearchIn,
    TrayIn,
    as_around,
    as_attachment,
    as_call,
    as_department,
    as_found,
    as_moved,
    as_page,
    as_seats,
    as_sheet,
    as_tray,
    report_of,
)

BEFORE = re.compile(r"[?&]before=[^&]*")
MOST_BYTES = 10 * 1024 * 1024
AFTER = re.compile(r"[?&]after=[^&]*")


def actor_of(request):
    """The account behind a request, or None for the public."""
    return request.user if request.user.is_authenticated else None


class Incidents(APIView):
    """Report an incident; list the incidents you may see."""

    token_scopes = {"POST": ApiToken.Scope.REPORT}

    def get_permissions(self):
        return [AllowAny() if self.request.method == "POST" else IsAuthenticated()]

    @extend_schema(request=IncidentIn, responses={201: IncidentOut})
    def post(self, request):
        report, now = report_of(request.data), timezone.now()
        incident = services.report_incident(report=report, actor=actor_of(request), now=now)
        return Response(services.answer_to(incident=incident), status=201)

    @extend_schema(
        operation_id="api_v1_incidents_list", parameters=[ListIn], responses=OpenApiTypes.OBJECT
    )
    def get(self, request):
        wanted = ListIn(data=request.query_params)
        wanted.is_valid(raise_exception=True)
        filters, now = dict(wanted.validated_data), timezone.now()
        limit = filters.pop("limit")
        address = BEFORE.sub("", request.get_full_path()).replace("/&", "/?")
        return Response(
            as_page(queries.incidents(request.user, now, **filters), limit, now, address)
        )


class IncidentOnce(APIView):
    """Report with an id of the device's own: safe to send again."""

    permission_classes = [AllowAny]
    token_scopes = {"PUT": ApiToken.Scope.REPORT}

    @extend_schema(request=IncidentIn, responses={200: IncidentOut, 201: IncidentOut})
    def put(self, request, client_uuid):
        answer, new = services.report_once(
            client_uuid=client_uuid,
            body=request.data,
            report=report_of(request.data, queued=True),
            actor=actor_of(request),
            now=timezone.now(),
        )
        return Response(answer, status=201 if new else 200)


class IncidentDetail(APIView):
    """One case: the report, its parts and clocks, and the moves open to you."""

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request, number):
        now = timezone.now()
        return Response(as_sheet(queries.sheet(request.user, number, now), now))


class Moves(APIView):
    """Make one move of a case. 403 and 409 say which moves are allowed now."""

    @extend_schema(request=MoveIn, responses=OpenApiTypes.OBJECT)
    def post(self, request, number):
        wanted = MoveIn(data=request.data)
        wanted.is_valid(raise_exception=True)
        moved = services.make_move(
            number=number,
            move=wanted.validated_data["move"],
            told=wanted.told(),
            actor=request.user,
            now=timezone.now(),
        )
        return Response(as_moved(moved))


class AcceptMany(APIView):
    """Accept many cases at once; each stands alone."""

    @extend_schema(request=ManyIn, responses=OpenApiTypes.OBJECT)
    def post(self, request):
        wanted = ManyIn(data=request.data)
        wanted.is_valid(raise_exception=True)
        numbers = wanted.validated_data["numbers"]
        outcome = services.accept_cases(numbers=numbers, actor=request.user, now=timezone.now())
        done = [number for number, refused in outcome.items() if not refused]
        return Response(
            {"accepted": done, "refused": {n: why for n, why in outcome.items() if why}}
        )


class InTray(APIView):
    """The open parts of your offices, nearest deadline first, with the figures of the whole."""

    @extend_schema(parameters=[TrayIn], responses=OpenApiTypes.OBJECT)
    def get(self, request):
        wanted = TrayIn(data=request.query_params)
        wanted.is_valid(raise_exception=True)
        address = AFTER.sub("", request.get_full_path()).replace("/&", "/?")
        tray = queries.tray(request.user, timezone.now(), **wanted.validated_data)
        return Response(as_tray(tray, address))


class Search(APIView):
    """Cases by number, words, address, or (for desks) the telephone of the reporter."""

    throttle_scope = "search"
    token_scopes = {"POST": ApiToken.Scope.READ}

    @extend_schema(request=SearchIn, responses=OpenApiTypes.OBJECT)
    def post(self, request):
        wanted = SearchIn(data=request.data)
        wanted.is_valid(raise_exception=True)
        words, now = wanted.validated_data["q"], timezone.now()
        limit = wanted.validated_data["limit"]
        return Response(as_found(queries.search(request.user, words, now, limit), now))


class Duplicates(APIView):
    """Open cases that may be the same matter as what is being reported.

    POST also tells who asked before, by telephone (for desks) and by place: no telephone stands in
    an address.
    """

    throttle_scope = "search"
    token_scopes = {"POST": ApiToken.Scope.READ}

    @extend_schema(parameters=[DuplicatesIn], responses=OpenApiTypes.OBJECT)
    def get(self, request):
        wanted = DuplicatesIn(data=request.query_params)
        wanted.is_valid(raise_exception=True)
        told, now = dict(wanted.validated_data), timezone.now()
        told["words"] = told.pop("description")
        return Response(as_found(queries.similar(request.user, now, **told), now))

    @extend_schema(request=AroundIn, responses=OpenApiTypes.OBJECT)
    def post(self, request):
        wanted = AroundIn(data=request.data)
        wanted.is_valid(raise_exception=True)
        told, now = dict(wanted.validated_data), timezone.now()
        told["words"] = told.pop("description")
        around = queries.around(request.user, now, **told)
        return Response(as_around(around, now), headers={"Cache-Control": "no-store"})


class Contact(APIView):
    """Open the reporter's contact, for a reason that is written down."""

    token_scopes = ApiToken.MANAGED
    throttle_scope = "reveal"

    @extend_schema(request=RevealIn, responses=OpenApiTypes.OBJECT)
    def post(self, request, number):
        wanted = RevealIn(data=request.data)
        wanted.is_valid(raise_exception=True)
        reason = wanted.validated_data["reason"]
        told = services.reveal_contact(
            number=number, reason=reason, actor=request.user, now=timezone.now()
        )
        return Response(told, headers={"Cache-Control": "no-store"})


class Attachments(APIView):
    """Add a photo or a PDF to a case."""

    throttle_scope = "upload"
    parser_classes = [form_of(lambda: MOST_BYTES)]

    @extend_schema(request={"multipart/form-data": FileIn}, responses=OpenApiTypes.OBJECT)
    def post(self, request, number):
        wanted = FileIn(data=request.data)
        wanted.is_valid(raise_exception=True)
        file = wanted.validated_data["file"]
        content = file.read(MOST_BYTES + 1)
        now = timezone.now()
        attachment = services.attach_file(
            number=number, name=file.name, content=content, actor=request.user, now=now
        )
        status = 201 if attachment.added_at == now else 200  # sent again: here already
        return Response(as_attachment(attachment), status=status)


class AttachmentFile(APIView):
    """A photo or paper, for whoever may see its case."""

    @extend_schema(responses=OpenApiTypes.BINARY)
    def get(self, request, key):
        found = queries.attachment(request.user, key, timezone.now())
        headers = {"Cache-Control": "private, max-age=3600", "X-Content-Type-Options": "nosniff"}
        return FileResponse(found.file.open(), content_type=found.media_type, headers=headers)


class Calls(APIView):
    """Follow-up calls that wait."""

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request):
        waiting = queries.calls_due(request.user, timezone.now())[:200]
        return Response({"calls": [as_call(call) for call in waiting]})


class CallMade(APIView):
    """Record what the reporter said; dissatisfaction reopens the case."""

    @extend_schema(request=CallIn, responses=OpenApiTypes.OBJECT)
    def post(self, request, number):
        wanted = CallIn(data=request.data)
        wanted.is_valid(raise_exception=True)
        told = wanted.validated_data
        call = services.record_call(number=number, actor=request.user, now=timezone.now(), **told)
        return Response(as_call(call))


class Directory(APIView):
    """The departments of your districts, their members and what they take."""

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request):
        found = queries.directory(request.user, timezone.now())
        return Response({"departments": [as_department(one) for one in found]})


class Seats(APIView):
    """The offices in which you work."""

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request):
        return Response({"offices": as_seats(queries.seats(request.user, timezone.now()))})


class Track(APIView):
    """How far a report is, for whoever knows its number: nothing personal."""

    permission_classes = [AllowAny]

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request, number):
        return Response(queries.track(number))


class Timeline(APIView):
    """The events of one incident."""

    @extend_schema(responses=EventOut(many=True))
    def get(self, request, number):
        events = queries.timeline(request.user, number, timezone.now())
        return Response(EventOut(events, many=True).data)


class Counts(APIView):
    """Open, new today, overdue and unassigned, as far as you see."""

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request):
        return Response(queries.counts(request.user, timezone.now()))
