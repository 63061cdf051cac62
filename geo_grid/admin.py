"""The ground in the administration pages. Geometry is shown on maps, not edited here."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from geo_grid import services
from geo_grid.models import (
    ApiToken,
    Area,
    BoundaryPlan,
    Cell,
    Department,
    DistrictSettings,
    Leave,
    Post,
    User,
)


@admin.register(User)
class GridUserAdmin(UserAdmin):
    list_display = ("username", "display_name", "is_active")
    fieldsets = (*UserAdmin.fieldsets, (_("Duty"), {"fields": ("display_name", "phone")}))


@admin.register(Area)
class AreaAdmin(admin.ModelAdmin):
    list_display = ("code", "own_code", "name", "level", "active")
    list_filter = ("level", "active")
    search_fields = ("code", "own_code", "name")


@admin.register(DistrictSettings)
class DistrictSettingsAdmin(admin.ModelAdmin):
    list_display = ("area", "time_zone", "metric_srid")


@admin.register(Cell)
class CellAdmin(admin.ModelAdmin):
    list_display = ("code", "name", "kind")
    search_fields = ("code", "name")


@admin.register(BoundaryPlan)
class BoundaryPlanAdmin(admin.ModelAdmin):
    list_display = ("name", "status", "effective_at", "synthetic")
    readonly_fields = ("status", "effective_at", "record_srid", "report", "created_at")


@admin.register(Department)
class DepartmentAdmin(admin.ModelAdmin):
    list_display = ("code", "name", "name_en")


@admin.register(Post)
class PostAdmin(admin.ModelAdmin):
    list_display = ("user", "role", "cell", "area", "department")
    list_select_related = ("user", "cell", "area", "department")
    list_filter = ("role",)
    raw_id_fields = ("user", "cell", "area", "department")


@admin.register(Leave)
class LeaveAdmin(admin.ModelAdmin):
    list_display = ("post", "deputy", "during")
    raw_id_fields = ("post", "deputy")


@admin.register(ApiToken)
class ApiTokenAdmin(admin.ModelAdmin):
    list_display = ("label", "user", "scopes", "expires_at", "last_used_on", "revoked_at")
    list_select_related = ("user",)
    exclude = ("digest",)
    actions = ("revoke",)

    @admin.action(description=_("Revoke"), permissions=["delete"])
    def revoke(self, request, queryset):
        """The rows stay, so that it can be told when."""
        now = timezone.now()
        for token in queryset.filter(revoked_at=None):
            services.revoke_token(token=token, now=now)

    def has_add_permission(self, request):
        """`issue_token` shows a key once; this page could not."""
        return False

    def has_change_permission(self, request, obj=None):
        return False
