"""Addresses of incidents under /api/v1/."""

from django.urls import path, re_path, register_converter
from django.urls.converters import UUIDConverter

from incidents import (
    admission_api,
    api,
    balance_api,
    board_api,
    callouts_api,
    desk_api,
    exports,
    plans_api,
    supervision_api,
)


class AnyUUID(UUIDConverter):
    """As devices write it: some in capitals."""

    regex = UUIDConverter.regex.replace("a-f", "a-fA-F")


register_converter(AnyUUID, "any_uuid")

urlpatterns = [
    path("incidents/", api.Incidents.as_view(), name="incidents"),
    path("incidents/<any_uuid:client_uuid>/", api.IncidentOnce.as_view(), name="incident-once"),
    path("incidents/counts/", api.Counts.as_view(), name="incident-counts"),
    path("incidents/accept/", api.AcceptMany.as_view(), name="accept-many"),
    path("incidents/tray/", api.InTray.as_view(), name="tray"),
    path("incidents/search/", api.Search.as_view(), name="search"),
    path("incidents/duplicates/", api.Duplicates.as_view(), name="duplicates"),
    path("incidents/calls/", api.Calls.as_view(), name="calls"),
    path("incidents/<str:number>/", api.IncidentDetail.as_view(), name="incident"),
    path("incidents/<str:number>/timeline/", api.Timeline.as_view(), name="timeline"),
    path("board/figures/", board_api.Figures.as_view(), name="board-figures"),
    path("board/open/", board_api.Open.as_view(), name="board-open"),
    path("board/day/", board_api.Day.as_view(), name="board-day"),
    path("board/comparison/", board_api.Comparison.as_view(), name="board-comparison"),
    path("board/words/", board_api.Words.as_view(), name="board-words"),
    path("board/search/", board_api.Search.as_view(), name="board-search"),
    path("incidents/<str:number>/moves/", api.Moves.as_view(), name="moves"),
    path("incidents/<str:number>/contact/", api.Contact.as_view(), name="contact"),
    path("incidents/<str:number>/attachments/", api.Attachments.as_view(), name="attachments"),
    path("incidents/<str:number>/call/", api.CallMade.as_view(), name="call-made"),
    path("attachments/<int:key>/", api.AttachmentFile.as_view(), name="attachment"),
    path("incidents/<str:number>/receivers/", desk_api.Receivers.as_view(), name="receivers"),
    path("called/<int:key>/answer/", callouts_api.Answer.as_view(), name="called-answer"),
    path("called/<int:key>/arrival/", callouts_api.Arrival.as_view(), name="called-arrival"),
    path("called/<int:key>/score/", callouts_api.Score.as_view(), name="called-score"),
    path("callouts/<int:key>/cancel/", callouts_api.Cancelling.as_view(), name="callout-cancel"),
    path("departments/", api.Directory.as_view(), name="departments"),
    path("offices/mine/", api.Seats.as_view(), name="seats"),
    path("track/<str:number>/", api.Track.as_view(), name="track-report"),
    path("plans/<int:number>/impact/", plans_api.PlanImpact.as_view(), name="plan-impact"),
    path("plans/<int:number>/publish/", plans_api.PlanPublish.as_view(), name="plan-publish"),
    path("statistics/", exports.Statistics.as_view(), name="statistics-data"),
    re_path(
        r"^statistics/file\.(?P<kind>csv|xlsx)$",
        exports.StatisticsFile.as_view(),
        name="statistics-file",
    ),
    path("plans/<int:number>/proposals/", balance_api.Proposals.as_view(), name="proposals"),
    path(
        "plans/<int:number>/proposals/draw/",
        balance_api.ProposalDraw.as_view(),
        name="proposal-draw",
    ),
    path(
        "incidents/<str:number>/supervision/",
        supervision_api.CaseSupervision.as_view(),
        name="case-supervision",
    ),
    path(
        "supervision/<int:key>/reply/",
        supervision_api.Reply.as_view(),
        name="supervision-reply",
    ),
    path(
        "supervision/<int:key>/cancel/",
        supervision_api.Cancel.as_view(),
        name="supervision-cancel",
    ),
    path("matters/", admission_api.Matters.as_view(), name="matters"),
    path("matters/<int:key>/decision/", admission_api.Decision.as_view(), name="matter-decision"),
    path("supervision/lists/", supervision_api.WatchCounts.as_view(), name="watch-counts"),
    path("supervision/lists/<str:name>/", supervision_api.WatchList.as_view(), name="watch-list"),
]
