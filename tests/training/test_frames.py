import numpy as np
import pytest

from tts.training.frames import FRAMES_PER_SECOND, frame_count, frame_durations, frame_times, trimmed


def test_a_second_has_22050_samples_in_frames_of_256() -> None:
    assert frame_count(22_050, 22_050) == 87
    assert frame_count(16_000, 16_000) == frame_count(32_000, 32_000) == 87
    assert frame_times(3).tolist() == pytest.approx([0.0, 256 / 22_050, 512 / 22_050])


def test_durations_add_up_to_the_frames_whatever_the_ends_say() -> None:
    ends = np.array([0.1, 0.1, 0.35, 0.6])
    for frames in (40, 52, 60):
        durations = frame_durations(ends, frames)
        assert durations.sum() == frames
        assert (durations >= 0).all()
    assert frame_durations(ends, 52).tolist() == [9, 0, 21, 22]


def test_rounding_does_not_pile_up() -> None:
    ends = np.arange(1, 101, dtype=np.float64) * (0.4 / FRAMES_PER_SECOND)
    assert frame_durations(ends, 40).sum() == 40
    assert set(frame_durations(ends, 40).tolist()) == {0, 1}


@pytest.mark.parametrize(
    ("durations", "ipa", "left", "kept"),
    [
        ([10, 5, 20, 0], "k.", [4, 5, 8, 0], slice(6, 23)),
        ([2, 5, 3, 1], "k.", [2, 5, 3, 1], slice(0, 11)),
        ([10, 5, 30], "k", [4, 5, 8], slice(6, 23)),
        ([10, 5, 6, 7], "k.", [4, 5, 6, 2], slice(6, 23)),
        ([10, 5, 20, 3], "kæ", [4, 5, 20, 3], slice(6, 38)),
    ],
)
def test_silence_is_trimmed_at_both_ends_only(
    durations: list[int], ipa: str, left: list[int], kept: slice
) -> None:
    array = np.array(durations, np.int32)
    assert trimmed(array, ipa) == kept
    assert array.tolist() == left
