"""Addresses of the pages."""

from django.contrib.auth import views as accounts
from django.urls import path
from django.views.decorators.http import require_safe

from screens import (
    command,
    desk,
    intake,
    kiosk,
    navigation,
    planner,
    posts,
    publicmap,
    statistics,
    track,
    wall,
    watch,
)

urlpatterns = [
    path("", require_safe(navigation.home), name="home"),
    path("command/", require_safe(command.page), name="command"),
    path("wall/", require_safe(wall.page), name="wall"),
    path("desk/", require_safe(desk.page), name="desk"),
    path("desk/lists/", require_safe(watch.page), name="desk-lists"),
    path("desk/new/", require_safe(intake.page), name="intake"),
    path("track/", require_safe(track.page), name="track"),
    path("track/<str:number>/", require_safe(track.page), name="track-number"),
    path("map/", require_safe(publicmap.page), name="map"),
    path("kiosk/<str:area>/", require_safe(kiosk.page), name="kiosk"),
    path("posts/", require_safe(posts.page), name="posts"),
    path("statistics/", require_safe(statistics.page), name="statistics"),
    path("statistics/report/", require_safe(statistics.report), name="statistics-report"),
    path("planner/", require_safe(planner.page), name="planner"),
    path(
        "accounts/login/",
        accounts.LoginView.as_view(
            template_name="screens/login.html",
            next_page="home",
            http_method_names=["get", "head", "post"],
        ),
        name="login",
    ),
    path(
        "accounts/password/",
        accounts.PasswordChangeView.as_view(
            template_name="screens/password.html",
            success_url="/",
            http_method_names=["get", "head", "post"],
        ),
        name="password",
    ),
    path("accounts/logout/", accounts.LogoutView.as_view(), name="logout"),
]
