"""The demo's year: plausible reports, and how the three levels and the departments handled them."""

from incidents.demo.reports import load_incidents, plausible_bodies

__all__ = ["load_incidents", "plausible_bodies"]
