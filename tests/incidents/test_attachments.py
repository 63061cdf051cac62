"""Photos and papers of a case over HTTP."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

URL = "/api/v1/incidents/"


def picture(form="JPEG", size=(40, 30)):
    kept = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "SECRET PLACE"
    Image.new("RGB", size, "red").save(kept, form, exif=exif)
    return kept.getvalue()


def upload(client, number, content, name="a.jpg"):
    file = SimpleUploadedFile(name, content, content_type="image/jpeg")
    return client.post(f"{URL}{number}/attachments/", {"file": file}, format="multipart")


def test_a_photo_is_kept_without_metadata_and_read_by_scope(as_user, case, wang, qian):
    content = picture()
    assert b"SECRET" in content
    answer = upload(as_user(wang), case.number, content)
    assert answer.status_code == 201, answer.json()
    address = answer.json()["address"]
    served = as_user(wang).get(address)
    assert b"SECRET" not in b"".join(served.streaming_content)
    assert as_user(qian).get(address).status_code == 404
    assert upload(as_user(qian), case.number, content).status_code == 404
    again = upload(as_user(wang), case.number, content, "retry.jpg")
    assert (again.status_code, again.json()) == (200, answer.json())
    assert case.events.filter(kind="ATTACHED").count() == 1
    sheet = as_user(wang).get(f"{URL}{case.number}/").json()
    assert [one["name"] for one in sheet["attachments"]] == ["a.jpg"]


def test_a_disk_that_takes_no_file_is_503_and_the_case_stays_as_it_was(
    as_user, case, wang, settings, tmp_path, caplog
):
    (tmp_path / "file").touch()
    settings.MEDIA_ROOT = tmp_path / "file"  # a folder cannot be made in it
    answer = upload(as_user(wang), case.number, picture())
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert answer["Content-Type"] == "application/problem+json"
    assert not case.attachments.exists() and not case.events.filter(kind="ATTACHED").exists()
    assert "Not a directory" in caplog.text
    settings.MEDIA_ROOT = tmp_path / "media"
    assert upload(as_user(wang), case.number, picture()).status_code == 201


@pytest.mark.parametrize(
    "content", [b"", b"GIF89a", b"\xff\xd8\xff\xe0broken", picture("PNG", (6000, 5000))]
)
def test_what_is_no_photo_or_too_large_is_refused(as_user, case, wang, content):
    answer = upload(as_user(wang), case.number, content)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "file")


def test_where_the_category_wants_a_photo_nothing_is_resolved_without(
    as_user, send, report, wang, today
):
    case = report(today, "0501")
    send(wang, f"{case.number}/moves/", {"move": "accept"})
    resolve = {"move": "resolve", "note": "已清运"}
    answer = send(wang, f"{case.number}/moves/", resolve)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "photo")
    upload(as_user(wang), case.number, picture())
    assert send(wang, f"{case.number}/moves/", resolve).json()["state"] == "TO_VERIFY"
