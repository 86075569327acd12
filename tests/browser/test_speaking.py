"""Text in, sound out, through the real system."""

import io
import re
from pathlib import Path

import pytest
import soundfile
from playwright.sync_api import Page, expect

from tests.browser.visitor import Visitor

HEARD = """(audio) => new Promise((resolve) => {
  const check = () => audio.currentTime > 0.2 && resolve([audio.currentTime, audio.duration]);
  audio.addEventListener("timeupdate", check);
  check();
})"""


def speak(page: Page, text: str) -> None:
    page.get_by_role("textbox").fill(text)
    page.locator("#synthesize").click()


def test_a_text_is_spoken_and_plays_by_itself(visitor: Visitor) -> None:
    page = visitor.opens(locale="zh-CN")
    speak(page, "今天的温度是35℃!!!")
    position, duration = page.locator("#audio").evaluate(HEARD)
    assert 0.2 < position <= duration
    assert 1 < duration < 10
    expect(page.locator("#fact-characters")).to_have_text("12")
    expect(page.locator("#fact-audio")).to_have_text(re.compile(rf"{duration:.1f}\d* 秒"))
    expect(page.locator("#fact-engine")).not_to_be_empty()
    expect(page.locator("#fact-voice")).not_to_be_empty()
    expect(page.locator("#fact-fallback")).to_have_text(re.compile("引擎"))
    expect(page.locator("#announcement")).to_have_text(re.compile("合成完成"))


@pytest.mark.parametrize("audio_format", ["wav", "mp3", "ogg", "flac"])
def test_every_format_plays_and_downloads_as_what_it_says(
    visitor: Visitor, tmp_path: Path, audio_format: str
) -> None:
    page = visitor.opens()
    page.get_by_role("radio", name=audio_format.upper()).check()
    speak(page, "The ferry leaves at seven in the morning.")
    _, duration = page.locator("#audio").evaluate(HEARD)
    with page.expect_download() as download:
        page.locator("#download").click()
    assert re.fullmatch(rf"voxgate-[0-9a-f-]{{36}}\.{audio_format}", download.value.suggested_filename)
    saved = tmp_path / "saved"
    download.value.save_as(saved)
    info = soundfile.info(io.BytesIO(saved.read_bytes()))
    assert info.format == {"wav": "WAV", "mp3": "MP3", "ogg": "OGG", "flac": "FLAC"}[audio_format]
    assert info.duration == pytest.approx(duration, abs=0.2)


def test_a_voice_is_chosen_by_name_instead_of_a_speaker(visitor: Visitor) -> None:
    page = visitor.opens()
    page.get_by_label("Or a voice by name").select_option("espeak-male-calm")
    with page.expect_request("**/api/tts") as asked:
        speak(page, "By name.")
    sent = asked.value.post_data_json
    assert sent is not None
    assert (sent["voice"], "speaker_id" in sent) == ("espeak-male-calm", False)
    expect(page.locator("#fact-voice")).to_have_text("espeak-male-calm")
    page.get_by_role("radio", name="Male, lively").check()
    expect(page.get_by_label("Or a voice by name")).to_have_value("")


def test_what_was_chosen_is_what_is_asked_for(visitor: Visitor) -> None:
    page = visitor.opens()
    page.get_by_role("radio", name="Male, lively").check()
    page.get_by_label("Speed").fill("1.5")
    with page.expect_request("**/api/tts") as asked:
        speak(page, "hello there")
    assert asked.value.post_data_json == {
        "text": "hello there",
        "speaker_id": 3,
        "speed": 1.5,
        "format": "wav",
    }
    expect(page.locator("#speed-value")).to_have_text("1.50×")
    expect(page.locator("#fact-voice")).to_have_text(re.compile("lively|male"))


def test_faster_speech_is_shorter(visitor: Visitor) -> None:
    page = visitor.opens()
    seconds = []
    for speed in ("0.5", "2"):
        page.get_by_label("Speed").fill(speed)
        with page.expect_response("**/api/tts") as answered:
            speak(page, "The ferry leaves at seven in the morning.")
        seconds.append(float(answered.value.headers["x-voxgate-audio-seconds"]))
    assert seconds[0] > 2 * seconds[1]


def test_the_waveform_is_drawn_and_a_click_seeks(visitor: Visitor) -> None:
    page = visitor.opens()
    speak(page, "The ferry leaves at seven in the morning, and the museum is closed on Monday and Tuesday.")
    page.locator("#audio").evaluate(HEARD)
    page.locator("#play").click()
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    heights = page.locator("#waveform").evaluate(COLUMN_HEIGHTS)
    assert len(set(heights)) > 8
    page.locator("#seek").click(position={"x": 300, "y": 20})
    width = page.locator("#seek").evaluate("(slider) => slider.clientWidth")
    at, of = page.locator("#audio").evaluate("(audio) => [audio.currentTime, audio.duration]")
    assert at / of == pytest.approx(300 / width, abs=0.02)


def test_the_position_moves_by_keyboard(visitor: Visitor) -> None:
    page = visitor.opens()
    speak(page, "The ferry leaves at seven in the morning, and the museum is closed on Monday.")
    page.locator("#audio").evaluate(HEARD)
    page.locator("#play").click()
    slider = page.get_by_role("slider", name="Position")
    slider.press("Home")
    expect(slider).to_have_attribute("aria-valuenow", "0.0")
    slider.press("ArrowRight")
    slider.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuenow", "2.0")
    slider.press("Space")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()


def test_ctrl_enter_speaks(visitor: Visitor) -> None:
    page = visitor.opens()
    page.get_by_label("Text", exact=True).fill("hello")
    page.get_by_label("Text", exact=True).press("Control+Enter")
    expect(page.locator("#result")).to_be_visible()


def test_enter_alone_is_a_line_break(visitor: Visitor) -> None:
    page = visitor.opens()
    box = page.get_by_label("Text", exact=True)
    box.press_sequentially("one\ntwo")
    expect(box).to_have_value("one\ntwo")
    expect(page.locator("#result")).to_be_hidden()


@pytest.mark.parametrize(
    ("text", "words"),
    [("", "Enter some text."), (" \n ", "Enter some text."), ("!!!", "Nothing to read aloud")],
)
def test_a_bad_text_is_explained_at_its_field(visitor: Visitor, text: str, words: str) -> None:
    page = visitor.opens()
    speak(page, text)
    box = page.get_by_label("Text", exact=True)
    expect(page.locator("#text-error")).to_contain_text(words)
    expect(box).to_have_attribute("aria-invalid", "true")
    expect(box).to_be_focused()
    expect(page.locator("#alert")).to_be_hidden()
    expect(page.locator("#result")).to_be_hidden()
    box.fill("good")
    expect(page.locator("#text-error")).to_be_hidden()


def test_an_error_follows_the_language(visitor: Visitor) -> None:
    page = visitor.opens()
    speak(page, "!!!")
    expect(page.locator("#text-error")).to_contain_text("Nothing to read aloud")
    page.get_by_role("button", name="中文").click()
    expect(page.locator("#text-error")).to_contain_text("没有可朗读的内容")


def test_the_server_names_a_field_and_the_page_shows_it_there(visitor: Visitor) -> None:
    page = visitor.opens()
    page.locator("#speed").evaluate("(slider) => { slider.max = '9'; slider.value = '9'; }")
    page.get_by_role("radio", name="FLAC").evaluate(
        "(radio) => { radio.value = 'exe'; radio.checked = true; }"
    )
    speak(page, "hello")
    expect(page.locator("#speed-error")).to_have_text("must lie between 0.5 and 2.0")
    expect(page.locator("#format-error")).to_contain_text("must be one of")
    expect(page.locator("#alert")).to_be_hidden()


def test_no_network_is_told_apart_from_a_refusal(visitor: Visitor) -> None:
    page = visitor.opens()
    page.context.set_offline(True)
    speak(page, "hello")
    expect(page.get_by_role("alert").filter(has_text="cannot be reached")).to_be_visible()
    page.context.set_offline(False)
    speak(page, "hello")
    expect(page.locator("#result")).to_be_visible()
    expect(page.locator("#alert")).to_be_hidden()


def test_a_synthesis_shows_its_seconds_and_can_be_canceled(visitor: Visitor) -> None:
    page = visitor.opens()
    # Held back on its way out, because the system answers faster than anybody could look.
    page.route("**/api/tts", lambda route: None)
    speak(page, "hello")
    expect(page.locator("#speech-form")).to_have_attribute("aria-busy", "true")
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page.locator("#elapsed")).to_have_text(re.compile(r"^0\.[3-9] s$"))
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("#elapsed")).to_have_text("Canceled")
    expect(page.locator("#announcement")).to_have_text("Canceled")
    expect(page.locator("#speech-form")).to_have_attribute("aria-busy", "false")
    expect(page.get_by_role("button", name="Synthesize")).to_be_focused()
    expect(page.locator("#alert")).to_be_hidden()


def test_escape_cancels_and_a_second_press_does_not_ask_twice(visitor: Visitor) -> None:
    page = visitor.opens()
    asked: list[str] = []
    page.route("**/api/tts", lambda route: asked.append(route.request.url))
    speak(page, "hello")
    page.keyboard.press("Control+Enter")
    page.keyboard.press("Escape")
    expect(page.locator("#announcement")).to_have_text("Canceled")
    assert len(asked) == 1


def test_recent_results_replay_and_download(visitor: Visitor) -> None:
    page = visitor.opens()
    for text in ("the first text", "the second text"):
        with page.expect_response("**/api/tts"):
            speak(page, text)
        expect(page.get_by_role("button", name=f"Replay: {text}")).to_have_attribute("aria-current", "true")
    first, second = _sources(page)
    assert first != second
    page.get_by_role("button", name="Replay: the first text").click()
    expect(page.locator("#audio")).to_have_js_property("src", second)
    page.locator("#audio").evaluate(HEARD)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download: the second text").click()
    assert download.value.suggested_filename.endswith(".wav")


def test_only_the_newest_results_are_kept_and_all_of_them_play(visitor: Visitor) -> None:
    page = visitor.opens()
    for number in range(10):
        speak(page, f"text {number}")
        expect(page.get_by_role("button", name=f"Replay: text {number}")).to_be_visible()
    expect(page.locator("#recent li")).to_have_count(8)
    sizes = page.evaluate(
        "(sources) => Promise.all(sources.map(async (source) => {"
        " const audio = new Audio(source);"
        " await new Promise((ready, failed) => { audio.onloadedmetadata = ready; audio.onerror = failed; });"
        " return audio.duration; }))",
        _sources(page),
    )
    assert len(sizes) == 8
    assert min(sizes) > 0.2


def test_the_text_stays_out_of_every_address(visitor: Visitor) -> None:
    page = visitor.opens()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    speak(page, "confidential")
    expect(page.locator("#result")).to_be_visible()
    assert asked
    assert not [url for url in [*asked, page.url] if "confidential" in url]
    assert page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])") == "[{},{}]"


@pytest.mark.parametrize("locale", ["zh-CN", "en-US"])
def test_a_result_fits_a_phone(visitor: Visitor, locale: str) -> None:
    page = visitor.opens(locale=locale, viewport={"width": 375, "height": 812}, has_touch=True)
    speak(page, "今天的温度是35℃!!!")
    expect(page.locator("#recent li")).to_have_count(1)
    expect(page.get_by_role("button", name=re.compile("暂停|Pause"))).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") == 375


def test_without_motion_the_bar_stands_still(visitor: Visitor) -> None:
    page = visitor.opens(reduced_motion="reduce")
    page.route("**/api/tts", lambda route: None)
    speak(page, "hello")
    expect(page.get_by_role("progressbar")).to_be_visible()
    assert page.evaluate("document.getAnimations().length") == 0


COLUMN_HEIGHTS = """(canvas) => {
  const {width, height} = canvas;
  const pixels = canvas.getContext("2d").getImageData(0, 0, width, height).data;
  const inked = (x, y) => pixels[4 * (y * width + x) + 3] > 0;
  return Array.from({length: Math.floor(width / 4)}, (_, bar) =>
    Array.from({length: height}, (_, y) => y).filter((y) => inked(4 * bar + 1, y)).length);
}"""
"""How many pixels are inked in one column of each bar."""


def _sources(page: Page) -> list[str]:
    """Addresses of the recent results' audio, newest first."""
    return list(page.locator("#recent a").evaluate_all("(links) => links.map((link) => link.href)"))
