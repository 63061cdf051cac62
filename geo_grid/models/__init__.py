"""The ground and who answers for it: columns, constraints, indexes."""

from geo_grid.models.boundaries import CellBoundary, CellLineage, GridRevision
from geo_grid.models.ground import (
    Area,
    AreaOutline,
    Cell,
    Department,
    DistrictSettings,
    Place,
)
from geo_grid.models.people import ApiToken, Leave, Post, User
from geo_grid.models.plans import BoundaryPlan, PlanCell, PlanEdit, PlanReview

__all__ = [
    "ApiToken",
    "Area",
    "AreaOutline",
    "BoundaryPlan",
    "Cell",
    "CellBoundary",
    "CellLineage",
    "Department",
    "DistrictSettings",
    "GridRevision",
    "Leave",
    "Place",
    "PlanCell",
    "PlanEdit",
    "PlanReview",
    "Post",
    "User",
]
