"""Photos and papers of a case: checked, stripped of metadata, kept outside the database."""

import hashlib
import io
import logging
import os
import warnings
from datetime import datetime

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from core.errors import Conflict, Invalid, NotAllowed, Unavailable
from geo_grid.models import User
from incidents import queries, workflow
from incidents.models import Attachment, Incident
from incidents.services.timeline import record_event

log = logging.getLogger("gridkeeper.files")
MOST_BYTES, MOST_PIXELS, LONGEST_SIDE, MOST_FILES = 10 * 1024 * 1024, 25_000_000, 2560, 40
PDF = b"%PDF-"


@transaction.atomic
def attach_file(
    *, number: str, name: str, content: bytes, actor: User, now: datetime
) -> Attachment:
    """Somebody who works on the case adds a photo (JPEG, PNG, WebP) or a PDF; one that the case has
    already (a client tries again) is answered and not stored again: `added_at` is before `now`.

    Raises NotFound, NotAllowed, Conflict, Unavailable, Invalid naming `file`.
    """
    incident = queries.incident(actor, number, now)
    case = queries.case_of(incident)
    held = [seat for seat in queries.seats(actor, now) if seat.role in workflow.AT_WORK]
    part = next(
        (p for p in reversed(case.movable) if any(queries.standing(seat, p) for seat in held)), None
    )
    if part is None:
        raise NotAllowed(_("Only who has to do with the case adds to it."))
    kept, media_type = _checked(content)
    digest = hashlib.sha256(kept).hexdigest()
    Incident.objects.select_for_update(no_key=True).only("pk").get(pk=incident.pk)  # one at a time
    before = incident.attachments.filter(sha256=digest).select_related("added_by").first()
    if before is not None:
        return before
    if incident.attachments.count() >= MOST_FILES:
        raise Conflict(_("A case has at most %d files.") % MOST_FILES, "file")
    path = f"cases/{incident.number[:4]}/{digest}.{media_type.rpartition('/')[2]}"
    path = _put_away(path, kept)
    attachment = Attachment.objects.create(
        incident=incident,
        part=part,
        file=path,
        name=name[:120],
        media_type=media_type,
        size=len(kept),
        sha256=digest,
        added_by=actor,
        added_at=now,
    )
    details = {"attachment": attachment.pk}
    record_event(
        incident=incident, kind="ATTACHED", actor=actor, now=now, part=part, details=details
    )
    return attachment


def _put_away(path: str, content: bytes) -> str:
    """Named by its content: written again it is the same."""
    try:
        return default_storage.save(path, ContentFile(content))
    except OSError as error:
        log.error("a file of a case cannot be kept: %s", os.strerror(error.errno or 0))
        raise Unavailable(
            _("The file cannot be kept at the moment; try again later."), "file"
        ) from None


def _checked(content: bytes) -> tuple[bytes, str]:
    """What is kept, and its media type: photos as JPEG without metadata, PDFs as they are."""
    if len(content) > MOST_BYTES:
        raise Invalid(_("The file is larger than %d MB.") % (MOST_BYTES >> 20), "file")
    if content.startswith(PDF):
        return content, "application/pdf"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(content), formats=("JPEG", "PNG", "WEBP"))
            if image.width * image.height > MOST_PIXELS:
                raise Invalid(_("The picture has too many pixels."), "file")
            upright = ImageOps.exif_transpose(image).convert("RGB")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise Invalid(_("This is no JPEG, PNG, WebP or PDF."), "file") from None
    except Image.DecompressionBombWarning:
        raise Invalid(_("The picture has too many pixels."), "file") from None
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    upright.info.clear()  # a comment would be written again
    kept = io.BytesIO()
    upright.save(kept, "JPEG", quality=85, optimize=True)
    return kept.getvalue(), "image/jpeg"
