import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.roles import Role
from accounts.services.tenants import tenant_create
from tests.admin_cast import client_of, member_of, operator, staff
from tests.cast import Cast
from tests.tts.admin.history import failed, queued, succeeded
from tts.models import RequestEvent, SynthesisRequest
from tts.services.delivery import delivery_record
from tts.services.lexicons import entry_create, lexicon_version
from tts.text.lexicon import LexiconEntry

PAGE_QUERIES = 8
"""Session, user, request, attempts, events, audit event, use, repetitions."""
STATE_QUERIES = 6
"""Session, user, request, attempts, events, use."""


def page_of(row: SynthesisRequest) -> str:
    return reverse("admin:tts_synthesisrequest_change", args=[row.id])


def state_of(row: SynthesisRequest) -> str:
    return reverse("admin:tts_synthesisrequest_state", args=[row.id])


def shown(client: Client, row: SynthesisRequest) -> str:
    return client.get(page_of(row)).content.decode()


def steps(page: str) -> list[str]:
    """The steps of the timeline, in order."""
    table = page.split('class="waterfall"')[1].split("</table>")[0]
    return re.findall(r'<th scope="row">([^<]*)</th>', table)


def test_page_takes_the_same_queries_for_any_number_of_attempts_and_repetitions(
    root: Client, cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    rows = succeeded(cast.alice.tenant), succeeded(cast.alice.tenant, fallback="timeout")
    for _number in range(3):
        succeeded(cast.alice.tenant, repeats=rows[1], origin="rerun", api_key=cast.alice.row)
    for row in rows:
        with django_assert_num_queries(PAGE_QUERIES):
            root.get(page_of(row))
        with django_assert_num_queries(STATE_QUERIES):
            root.get(state_of(row))


def test_page_shows_text_times_attempts_and_events(viewer: Client, cast: Cast) -> None:
    row = succeeded(
        cast.alice.tenant,
        fallback="timeout",
        text="<b>今天</b>",
        reference="book-1",
        api_key_name="web player",
    )

    page = shown(viewer, row)

    assert "&lt;b&gt;今天&lt;/b&gt;" in page
    assert "<b>今天" not in page
    for told in ("book-1", "web player", "worker-1", "0.310 s", "no answer", "Traceback: &lt;deep&gt;"):
        assert told in page
    assert "the primary engine took too long" in page


def test_the_timeline_tells_every_step_in_order(viewer: Client, cast: Cast) -> None:
    row = succeeded(cast.alice.tenant, fallback="timeout", limits_seconds=0.012)
    delivery_record(row=row, sent_bytes=1024, now=timezone.now())

    found = steps(shown(viewer, row))

    assert found[:3] == ["received", "limits checked", "queued"]
    assert [name for name in found if name.startswith("engine")] == ["engine piper", "engine espeak"]
    assert found[-4:] == ["encoded", "stored", "succeeded", "delivered"]


def test_bars_lie_within_their_drawing(viewer: Client, cast: Cast) -> None:
    row = succeeded(cast.alice.tenant, fallback="timeout", limits_seconds=0.012)

    bars = re.findall(r'class="bar" x="(\d+)" width="(\d+)"', shown(viewer, row))

    assert len(bars) == len(steps(shown(viewer, row)))
    assert all(0 <= int(x) < 1000 and int(width) > 0 for x, width in bars)


def test_audio_that_is_fetched_the_next_day_leaves_the_drawing_to_the_work(
    viewer: Client, cast: Cast
) -> None:
    row = succeeded(cast.alice.tenant, fallback="timeout")
    drawn = re.findall(r'class="bar" x="(\d+)" width="(\d+)"', shown(viewer, row))
    fetched = timezone.now() + timedelta(days=1)
    delivery_record(row=row, sent_bytes=1024, now=fetched)

    page = shown(viewer, row)

    assert steps(page)[-1] == "delivered"
    assert re.findall(r'class="bar" x="(\d+)" width="(\d+)"', page) == drawn
    assert page.count("later; not drawn") == 1
    assert f"{timezone.localtime(fetched):%Y-%m-%d %H:%M:%S}" in page


def test_page_tells_in_words_why_a_request_failed(viewer: Client, cast: Cast) -> None:
    page = shown(viewer, failed(cast.alice.tenant))

    assert "Every engine failed; the attempts below say why." in page
    assert "<code>synthesis_failed</code>" in page
    assert "every engine failed" in page
    assert "<audio" not in page


def test_the_text_stands_beside_what_was_said_with_the_rules_that_changed_it(
    viewer: Client, cast: Cast
) -> None:
    page = shown(viewer, succeeded(cast.alice.tenant, text="会议9:30开始"))

    assert '<div class="spoken-text" id="text-original" dir="auto">会议9:30开始</div>' in page
    assert '<div class="spoken-text" id="text-said" dir="auto">会议九点三十分开始</div>' in page
    assert "<del>9:30</del><ins>九点三十分</ins>" in page


def test_what_was_said_is_told_with_the_dictionary_of_then(viewer: Client, cast: Cast) -> None:
    tenant = cast.alice.tenant
    entry_create(tenant=tenant, entry=LexiconEntry("SQL", "sequel"), now=timezone.now())
    row = succeeded(tenant, text="SQL is old", lexicon_version=lexicon_version(tenant=tenant))
    entry_create(tenant=tenant, entry=LexiconEntry("old", "new"), now=timezone.now())

    page = shown(viewer, row)

    assert "sequel" in page
    assert "is old" in page
    assert "sequel is new" not in page


def test_directions_of_ssml_are_followed(viewer: Client, cast: Cast) -> None:
    ssml = '<speak><sub alias="你好">hi</sub></speak>'
    page = shown(viewer, succeeded(cast.alice.tenant, text=ssml, is_ssml=True))

    assert "As sent (SSML)" in page
    assert "&lt;sub alias=&quot;你好&quot;&gt;" in page
    assert ssml not in page


def test_a_text_without_speech_is_shown_as_it_is(viewer: Client, cast: Cast) -> None:
    page = shown(viewer, failed(cast.alice.tenant, text="…!!"))

    assert "Nothing of it can be spoken." in page


def test_who_may_not_read_texts_is_told_so_and_sees_none(cast: Cast) -> None:
    row = succeeded(cast.alice.tenant, text="private words")
    client = client_of(operator("auditor", "tts.view_synthesisrequest"))

    page = shown(client, row)

    assert "You may not read the texts of requests." in page
    assert "private words" not in page


def test_a_text_that_is_gone_is_told_to_be(root: Client, cast: Cast) -> None:
    row = succeeded(cast.alice.tenant, audio=None)
    SynthesisRequest.all_tenants.filter(pk=row.pk).update(text="")

    page = shown(root, row)

    assert "The text is no longer kept." in page
    assert "The audio is no longer kept, or was never to be kept." in page
    assert 'data-action="rerun"' not in page
    assert "cannot be spoken again" in page


def test_a_request_whose_lines_are_gone_still_has_its_times(viewer: Client, cast: Cast) -> None:
    row = succeeded(cast.alice.tenant)
    RequestEvent.all_tenants.filter(request=row).delete()

    assert steps(shown(viewer, row)) == ["received", "queued", "at work", "succeeded"]


def test_stacks_are_the_operators(cast: Cast) -> None:
    row = succeeded(cast.alice.tenant, fallback="timeout")
    member = client_of(member_of(cast.alice.tenant, Role.OWNER))

    page = shown(member, row)

    assert "no answer" in page
    assert "Traceback" not in page


def test_the_cost_is_what_was_charged(root: Client, cast: Cast) -> None:
    def cost(row: SynthesisRequest) -> str:
        return re.sub(
            r"\s+|<[^>]*>", " ", shown(root, row).split('id="request-cost"')[1].split("</section>")[0]
        )

    assert "Charged 2 " in re.sub(r" +", " ", cost(succeeded(cast.alice.tenant)))
    assert "Charged 0 only what succeeds is charged" in re.sub(r" +", " ", cost(failed(cast.alice.tenant)))
    again = succeeded(cast.alice.tenant, origin="rerun")
    assert "nobody: an operator asked for it" in cost(again)


def test_a_request_links_to_the_one_it_repeats_and_to_its_repetitions(root: Client, cast: Cast) -> None:
    row = succeeded(cast.alice.tenant, reference="book-1", api_key=cast.alice.row)
    again = succeeded(cast.alice.tenant, repeats=row, origin="rerun")

    assert page_of(row) in shown(root, again)
    page = shown(root, row)
    assert page_of(again) in page
    assert f"?q=book-1&amp;tenant__id__exact={cast.alice.tenant.id}" in page
    assert f"?key={cast.alice.row.public_id}" in page
    assert f"?request_id={row.pk}" in page


def test_logs_and_jobs_are_linked_for_who_may_open_them(cast: Cast) -> None:
    row = succeeded(cast.alice.tenant)
    for client in (
        client_of(member_of(cast.alice.tenant, Role.OWNER)),
        client_of(operator("viewer", "tts.view_synthesisrequest")),
    ):
        page = shown(client, row)
        assert "Its lines in the logs" not in page
        assert "Its job in the queue" not in page


def test_a_request_under_way_shows_its_progress_and_asks_on(root: Client, cast: Cast) -> None:
    row = queued(cast.alice.tenant)
    page = shown(root, row)

    assert "<progress" in page
    assert 'data-final="false"' in page
    assert f'data-state-url="{state_of(row)}"' in page
    state = root.get(state_of(row)).json()
    assert state["final"] is False
    assert set(state["parts"]) == {"headline", "audio", "timeline", "cost"}
    assert "queued" in state["parts"]["headline"]


def test_the_state_of_an_ended_request_has_its_audio(root: Client, cast: Cast) -> None:
    row = succeeded(cast.alice.tenant)
    state = root.get(state_of(row)).json()

    assert state["final"] is True
    assert "<audio" in state["parts"]["audio"]
    assert "<progress" not in state["parts"]["headline"]


def test_the_state_holds_no_text(root: Client, cast: Cast) -> None:
    answer = root.get(state_of(succeeded(cast.alice.tenant, text="private words"))).content.decode()

    assert "private words" not in answer


def test_state_is_of_ones_own_tenant(cast: Cast) -> None:
    member = client_of(member_of(cast.bob.tenant, Role.OWNER))

    assert member.get(state_of(succeeded(cast.alice.tenant))).status_code == 404
    assert client_of(staff("outsider")).get(state_of(succeeded(cast.alice.tenant))).status_code == 403


@pytest.mark.parametrize("markup", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>'])
def test_markup_of_clients_is_inert(root: Client, cast: Cast, markup: str) -> None:
    row = succeeded(
        cast.alice.tenant,
        fallback="timeout",
        text=markup,
        reference=markup,
        api_key_name=markup,
        voice=markup,
        language=markup[:35],
    )
    for page in (shown(root, row), root.get(state_of(row)).json()["parts"].values()):
        assert not [part for part in ([page] if isinstance(page, str) else page) if markup in part]


def test_a_page_has_nothing_inline_and_plays_from_memory(root: Client, cast: Cast) -> None:
    answer = root.get(page_of(succeeded(cast.alice.tenant, fallback="timeout")))

    assert "media-src 'self' blob:;" in answer["Content-Security-Policy"]
    assert "script-src 'self';" in answer["Content-Security-Policy"]
    page = answer.content.decode()
    assert " style=" not in page
    assert not re.search(r"<script(?![^>]*src=)", page)


def test_page_in_chinese(root: Client, cast: Cast) -> None:
    row = succeeded(tenant_create(slug="initech", name="Initech"))

    page = root.get(page_of(row), headers={"accept-language": "zh-CN,zh;q=0.9"}).content.decode()

    for words in ("合成请求", "成功", "引擎尝试", "时间线", "实时率", "排队耗时"):
        assert words in page
    assert "Real-time factor" not in page


def test_a_text_that_the_front_end_fails_at_can_be_looked_into_and_is_not_logged(
    viewer: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(text: str, **_options: object) -> None:
        raise ValueError(f"cannot read {text}")

    # No text is known to do this; the worker is prepared for it as well.
    monkeypatch.setattr("tts.services.preparing.prepare", fails)
    page = shown(viewer, failed(cast.alice.tenant, text="marked-by-this-test"))

    assert "marked-by-this-test" in page
    assert "ValueError" in caplog.text
    assert "marked-by-this-test" not in caplog.text
