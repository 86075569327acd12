import pytest

from accounts import keys


def test_a_generated_key_parses_into_its_parts() -> None:
    made = keys.generate("live")
    assert keys.parse(made.text) == made
    assert made.text.startswith(f"vg_live_{made.public_id}_")


def test_another_secret_of_a_key_keeps_its_id() -> None:
    one = keys.generate("test")
    other = keys.generate("test", one.public_id)
    assert other.public_id == one.public_id
    assert other.text != one.text
    assert keys.parse(other.text) == other


def test_a_key_shows_its_secret_to_nobody_who_only_looks_at_objects() -> None:
    made = keys.generate("live")
    secret = made.text.rpartition("_")[2]
    parsed = keys.parse(str(made.text))
    for shown in (repr(made), repr(parsed), f"{made.text!r}", repr({"key_text": made.text})):
        assert made.public_id in shown
        assert secret[:12] not in shown
    assert f"{made.text}" == str(made.text) == f"vg_live_{made.public_id}_{secret}"


@pytest.mark.parametrize(
    ("text", "public_id"),
    [
        ("vg_live_0123456789ab", "0123456789ab"),
        (" vg_test_0123456789ab_secret ", "0123456789ab"),
        ("0123456789ab", "0123456789ab"),
        ("vg_live", "vg_live"),
        ("", ""),
    ],
)
def test_the_id_is_found_in_what_people_have_of_a_key(text: str, public_id: str) -> None:
    assert keys.public_id_of(text) == public_id


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
