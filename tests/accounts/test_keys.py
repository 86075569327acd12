import pytest

from accounts import keys


def test_a_generated_key_parses_into_its_parts() -> None:
    made = keys.generate("live")
    assert keys.parse(made.text) == made
    assert made.text.startswith(f"vg_live_{made.public_id}_")


def test_keys_are_never_the_same() -> None:
    assert len({keys.generate("test").text for _ in range(200)}) == 200


def test_every_single_changed_character_is_noticed() -> None:
    text = keys.generate("live").text
    for position in range(len(text)):
        other = "x" if text[position] != "x" else "y"
        assert keys.parse(text[:position] + other + text[position + 1 :]) is None, position


@pytest.mark.parametrize(
    "text", ["", "vg_live_", "Bearer", "vg_prod_" + "a" * 51, "ключ", "vg_live_\n", "a" * 10_000]
)
def test_what_is_no_key_is_none(text: str) -> None:
    assert keys.parse(text) is None


def test_an_unknown_environment_is_refused() -> None:
    with pytest.raises(ValueError, match="live, test"):
        keys.generate("prod")


def test_the_digest_depends_on_the_pepper() -> None:
    text = keys.generate("live").text
    one, other = keys.digest(text, "aa" * 32), keys.digest(text, "ab" * 32)
    assert len(one) == 64
    assert not keys.digests_match(one, other)
