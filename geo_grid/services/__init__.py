"""Every write of the ground, in the order of the flow: areas, plans, posts, tokens."""

from geo_grid.services.areas import (
    AreaLine,
    ensure_community,
    ensure_holding_community,
    import_areas,
    set_district,
)
from geo_grid.services.balance import draw_proposal, task_of
from geo_grid.services.drafts import begin_plan, decide_plan, give_back, rebase_plan, revert_plan
from geo_grid.services.drawing import draw, edit_plan, redo_edit, undo_edit
from geo_grid.services.imports import import_boundaries, import_plan
from geo_grid.services.plans import CellShape, draft_plan, drop_plan
from geo_grid.services.posts import appoint, end_post, grant_leave
from geo_grid.services.publication import Publication, publish_plan, put_in_force
from geo_grid.services.rosters import import_posts, posts_of
from geo_grid.services.tokens import issue_token, note_use, revoke_token

__all__ = [
    "AreaLine",
    "CellShape",
    "Publication",
    "appoint",
    "begin_plan",
    "decide_plan",
    "draft_plan",
    "draw",
    "draw_proposal",
    "drop_plan",
    "edit_plan",
    "end_post",
    "ensure_community",
    "ensure_holding_community",
    "give_back",
    "grant_leave",
    "import_areas",
    "import_boundaries",
    "import_plan",
    "import_posts",
    "issue_token",
    "note_use",
    "posts_of",
    "publish_plan",
    "put_in_force",
    "rebase_plan",
    "redo_edit",
    "revert_plan",
    "revoke_token",
    "set_district",
    "task_of",
    "undo_edit",
]
