import pytest
from django.test import Client

from tests.cast import Cast
from tts.models import Voice, VoiceRoute
from tts.services.routes import routes_of_tenant

LIST = "/admin/tts/voiceroute/"


@pytest.fixture(autouse=True)
def voice(db: None) -> Voice:
    return Voice.objects.create(
        id="zh_CN-a", name="A", engine="onnx", languages=["zh-CN"], sample_rate=22050, state="ready"
    )


def add(client: Client, **fields: object) -> int:
    values = {"tenant": "", "language": "zh", "speaker_id": 0, "voice": "zh_CN-a"} | fields
    return client.post(f"{LIST}add/", values).status_code


def test_the_form_offers_every_voice_without_another_request(root: Client) -> None:
    page = root.get(f"{LIST}add/").content.decode()
    assert '<option value="zh_CN-a">' in page
    assert "autocomplete/" not in page


def test_a_route_for_everybody_and_one_for_a_tenant_are_added(root: Client, cast: Cast) -> None:
    tenant = cast.alice.tenant
    assert add(root) == 302
    assert add(root, tenant=str(tenant.id), speaker_id=1) == 302
    assert routes_of_tenant(tenant_id=tenant.id) == {("zh", 0): "zh_CN-a", ("zh", 1): "zh_CN-a"}
    page = root.get(LIST).content.decode()
    assert "all tenants" in page
    assert tenant.name in page


@pytest.mark.parametrize(
    "wrong", [{"language": "zh-CN"}, {"speaker_id": 4}, {"voice": "gone"}, {"tenant": "nobody"}]
)
def test_an_impossible_route_is_refused_on_the_form(root: Client, wrong: dict[str, object]) -> None:
    assert add(root, **wrong) == 200
    assert not VoiceRoute.all_tenants.exists()


def test_a_second_route_of_the_same_speaker_is_refused_on_the_form(root: Client) -> None:
    assert add(root) == 302
    assert add(root) == 200
    assert VoiceRoute.all_tenants.count() == 1


def test_staff_without_permission_reach_no_routes(outsider: Client) -> None:
    assert outsider.get(LIST).status_code == 403
    assert add(outsider) == 403
