"""Addresses of hot spots under /api/v1/."""

from django.urls import path

from hotspots import api

urlpatterns = [path("hotspots/", api.Hotspots.as_view(), name="hotspots")]
