"""Addresses of the ground under /api/v1/."""

from django.urls import path

from geo_grid import api, plans_api

urlpatterns = [
    path("locate/", api.Locate.as_view(), name="locate"),
    path("cells/", api.Cells.as_view(), name="cells"),
    path("areas/", api.Outlines.as_view(), name="areas"),
    path("posts/gaps/", api.PostGaps.as_view(), name="post-gaps"),
    path("plans/", plans_api.Plans.as_view(), name="plans"),
    path("plans/import/", plans_api.PlanImport.as_view(), name="plan-import"),
    path("plans/<int:number>/", plans_api.Plan.as_view(), name="plan"),
    path("plans/<int:number>/cells/", plans_api.PlanCells.as_view(), name="plan-cells"),
    path("plans/<int:number>/borders/", plans_api.PlanBorders.as_view(), name="plan-borders"),
    path("plans/<int:number>/edits/", plans_api.PlanEdits.as_view(), name="plan-edits"),
    path("plans/<int:number>/undo/", plans_api.PlanUndo.as_view(), name="plan-undo"),
    path("plans/<int:number>/redo/", plans_api.PlanRedo.as_view(), name="plan-redo"),
    path("plans/<int:number>/checks/", plans_api.PlanChecks.as_view(), name="plan-checks"),
    path("plans/<int:number>/steps/", plans_api.PlanSteps.as_view(), name="plan-steps"),
    path("plans/<int:number>/rebase/", plans_api.PlanRebase.as_view(), name="plan-rebase"),
    path("plans/<int:number>/revert/", plans_api.PlanRevert.as_view(), name="plan-revert"),
    path("plans/<int:number>/export/", plans_api.PlanExport.as_view(), name="plan-export"),
    path("versions/", plans_api.Versions.as_view(), name="versions"),
    path(
        "versions/<str:district>/<int:number>/lineage/",
        plans_api.Lineage.as_view(),
        name="lineage",
    ),
]
