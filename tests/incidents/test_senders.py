"""The ways out for messages, each against a real server of its kind."""

import json
import socket
import stat
import threading
from email import message_from_bytes
from email.header import decode_header, make_header
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from incidents.services.senders import CannotSend, by_sms, by_smtp, to_file

TEXT = "您的事件 2609290000001 已受理。"


@pytest.fixture
def gateway(settings):
    """A provider of short messages that remembers keys; `status` is what it answers."""

    class Gateway(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.server.got.append((self.headers, body))
            self.send_response(self.server.status)
            self.send_header("X-Message-Id", f"m{len(self.server.got)}")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_words):
            """Nothing: what it got is personal."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Gateway)
    server.got, server.status = [], 200
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.SMS_GATEWAY = f"http://127.0.0.1:{server.server_port}/send"
    settings.SMS_TOKEN = "hush"
    yield server
    server.shutdown()
    server.server_close()


def test_a_short_message_goes_to_the_gateway_with_its_key(gateway):
    assert by_sms("k1", "13900000000", TEXT) == "m1"
    ((headers, body),) = gateway.got
    assert body == {"to": "13900000000", "text": TEXT}
    assert (headers["Idempotency-Key"], headers["Authorization"]) == ("k1", "Bearer hush")


@pytest.mark.parametrize("status", [302, 400, 429, 503])
def test_what_the_gateway_does_not_take_is_said_without_the_number(gateway, status):
    gateway.status = status
    with pytest.raises(CannotSend) as refused:
        by_sms("k1", "13900000000", TEXT)
    assert str(status) in str(refused.value) and "139" not in str(refused.value)


def test_a_gateway_that_is_away_is_no_crash(settings):
    settings.SMS_GATEWAY = "http://127.0.0.1:9/send"
    with pytest.raises(CannotSend) as refused:
        by_sms("k1", "13900000000", TEXT)
    assert "139" not in str(refused.value)


def answer_as_mail_server(listener, got):
    line, _from = listener.accept()
    with line, line.makefile("rb") as words:
        line.sendall(b"220 here\r\n")
        for word in words:
            if word.upper().startswith(b"DATA"):
                line.sendall(b"354 go on\r\n")
                while (part := words.readline()) != b".\r\n":
                    got.append(part)
                line.sendall(b"250 kept\r\n")
            elif word.upper().startswith(b"QUIT"):
                line.sendall(b"221 bye\r\n")
                return
            else:
                line.sendall(b"250 fine\r\n")


def test_a_mail_goes_through_the_smtp_server(settings):
    got: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = listener.getsockname()
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        server = threading.Thread(target=answer_as_mail_server, args=(listener, got))
        server.start()
        assert by_smtp("k2", "a@example.org", TEXT) == "k2"
        server.join(10)
    mail = message_from_bytes(b"".join(got))
    assert mail["To"] == "a@example.org" and mail["Message-ID"] == "<k2@gridkeeper>"
    assert str(make_header(decode_header(mail["Subject"])))
    assert TEXT in mail.get_payload(decode=True).decode()


def test_a_mail_server_that_is_away_is_no_crash(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    with pytest.raises(CannotSend) as refused:
        by_smtp("k2", "a@example.org", TEXT)
    assert "example" not in str(refused.value)


def test_without_a_provider_it_is_written_where_only_the_owner_reads(settings, tmp_path):
    settings.OUTBOX = tmp_path / "var" / "outbox.jsonl"
    to_file("k3", "13900000000", TEXT), to_file("k4", "13900000001", TEXT)
    lines = [json.loads(line) for line in settings.OUTBOX.read_text(encoding="utf-8").splitlines()]
    assert [line["key"] for line in lines] == ["k3", "k4"] and lines[0]["text"] == TEXT
    assert stat.S_IMODE(settings.OUTBOX.stat().st_mode) == 0o600
