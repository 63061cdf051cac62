"""Photos and papers of a case."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from geo_grid.models import User
from incidents.models.incident import Incident
from incidents.models.parts import Part


class Attachment(models.Model):
    """A photo or a paper, kept as a file named by its digest. Photos carry no metadata."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="attachments")
    part = models.ForeignKey(Part, models.PROTECT, null=True, related_name="attachments")
    file = models.FileField(_("file"), max_length=120)
    name = models.CharField(_("name"), max_length=120)
    media_type = models.CharField(_("kind"), max_length=40)
    size = models.PositiveIntegerField(_("size in bytes"))
    sha256 = models.CharField(max_length=64)
    added_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    added_at = models.DateTimeField(_("added at"))

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "sha256"], name="one_attachment_of_a_content"
            )
        ]

    def __str__(self) -> str:
        return f"attachment {self.pk} of {self.incident_id}"
