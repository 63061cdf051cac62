"""One case from the worker over three levels to a department and back, closed and answered, by HTTP."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from incidents.models import Clock, Message
from tests.conftest import COMMUNITY
from tests.incidents.conftest import photo_of

URL = "/api/v1/incidents/"
BODY = {
    "category": "0501",
    "description": "垃圾成堆",
    "location": {"cell": f"{COMMUNITY}001"},
    "reporter": {"name": "孙大娘", "phone": "13900000000"},
}


@pytest.fixture
def send(as_user):
    def make(number, user, move, **told):
        answer = as_user(user).post(f"{URL}{number}/moves/", {"move": move, **told}, format="json")
        assert answer.status_code == 200, answer.json()
        return answer.json()

    return make


def test_a_case_goes_up_and_to_a_department_and_back_and_is_answered(
    send, as_user, rules, lin, wang, tang, zhao, he
):
    number = as_user(lin).post(URL, BODY, format="json").json()["number"]
    told = send(number, wang, "accept")
    assert (told["status"], told["office"]["level"]) == ("HANDLING", "COMMUNITY")
    send(number, lin, "progress", note="现场已拍照")
    assert send(number, wang, "escalate", note="超出社区能力")["state"] == "WAITING"
    send(number, tang, "accept")
    send(number, tang, "escalate", note="需部门处理")
    send(number, zhao, "accept")
    told = send(number, zhao, "dispatch", to="610403-D07", note="请限时清运")
    assert told["office"] == {
        "code": "610403-D07",
        "name": "城市管理执法局",
        "level": "DEPARTMENT",
    }
    send(number, he, "accept")
    photo = SimpleUploadedFile("after.jpg", photo_of(), content_type="image/jpeg")
    as_user(he).post(f"{URL}{number}/attachments/", {"file": photo}, format="multipart")
    told = send(number, he, "resolve", note="已清运")
    assert (told["status"], told["office"]["code"]) == ("RESOLVED", "610403")
    assert told["state"] == "TO_VERIFY"
    send(number, zhao, "verify", note="现场已核查")
    told = send(number, zhao, "close", answer="垃圾已清运,感谢反映。")
    assert (told["status"], told["state"]) == ("CLOSED", "CLOSED")

    events = as_user(zhao).get(f"{URL}{number}/timeline/").json()
    assert [event["kind"] for event in events] == [
        *("REPORTED", "ACCEPTED", "PROGRESS", "ESCALATED", "ACCEPTED", "ESCALATED"),
        *("ACCEPTED", "DISPATCHED", "ACCEPTED", "ATTACHED", "RESOLVED", "VERIFIED", "CLOSED"),
    ]
    assert (events[7]["actor"], events[7]["to_office"]) == ("赵敏", "城市管理执法局")
    assert_closed_and_answered(as_user, zhao, number)


def assert_closed_and_answered(as_user, officer, number):
    sheet = as_user(officer).get(f"{URL}{number}/").json()
    assert [part["outcome"] for part in sheet["parts"]][-1] == "CLOSED"
    assert sheet["answer"] == "垃圾已清运,感谢反映。"
    assert sheet["contacts"][0]["phone"] == "139****0000"
    assert not Clock.objects.filter(stopped_at=None).exists()
    assert [message.text for message in Message.objects.order_by("id")][-1].endswith("感谢反映。")
    track = as_user(None).get(f"/api/v1/track/{number}/").json()
    assert (track["status"], track["answered"]) == ("CLOSED", True)
    assert "1390000" not in str(track)
