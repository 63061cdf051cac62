"""Who reported: kept apart. And what a device was once told."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents.models.incident import Incident


class Reporter(models.Model):
    """Who reported: sealed, and never in an answer, a log or a live message.

    name, phone, mail: AES-256-GCM (core/sealing.py), bound to the incident. phone_index: a keyed digest,
    so that the cases of a number can be found without opening any.
    """

    incident = models.OneToOneField(Incident, models.CASCADE, related_name="reporter")
    name = models.BinaryField(_("name"), null=True)
    phone = models.BinaryField(_("phone"), null=True)
    mail = models.BinaryField(_("mail"), null=True)
    phone_index = models.CharField(max_length=32, blank=True, db_index=True)

    class Meta:
        verbose_name = _("reporter")
        verbose_name_plural = _("reporters")

    def __str__(self) -> str:
        return f"reporter of {self.incident_id}"


class ReportReceipt(models.Model):
    """The answer once given to a device's own id, so that a repeated PUT gets the same."""

    client_uuid = models.UUIDField(unique=True)
    body_hash = models.CharField(max_length=64)
    answer = models.JSONField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("receipt")
        verbose_name_plural = _("receipts")

    def __str__(self) -> str:
        return str(self.client_uuid)
