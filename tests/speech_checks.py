"""Is it speech? Measures that need no human ear: a recogniser with a closed choice, pitch, and timbre.

The recogniser is pocketsphinx with the en-us model of its wheel. Open dictation of synthetic speech is beyond it; a
choice among whole sentences is not (a JSGF grammar), and it answers nothing to noise.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pocketsphinx
import soxr
from numpy.typing import NDArray

RECOGNISER_RATE = 16_000
PITCH_RANGE_HZ = (60.0, 450.0)

Samples = NDArray[np.float32]

ENGLISH_SENTENCES = (
    "the ferry leaves the harbour at seven in the morning",
    "please put the green umbrella behind the kitchen door",
    "our neighbour grows tomatoes on her balcony",
    "the museum is closed on monday and tuesday",
    "he forgot his password again this afternoon",
    "a small dog slept under the wooden table",
    "turn left after the bridge and follow the river",
    "nobody expected snow in the middle of april",
    "she plays the violin in a famous orchestra",
    "your package will arrive before friday evening",
    "the doctor asked how long the fever had lasted",
    "we bought bread and cheese at the village market",
)

MANDARIN_SENTENCES: Mapping[str, str] = {
    "我的手机坏了。": "wo de shou ji huai le",
    "我想喝一杯热茶。": "wo xiang he yi bei re cha",
    "火车八点半出发。": "huo che ba dian ban chu fa",
    "这里不能停车。": "zhe li bu neng ting che",
    "妈妈做了晚饭。": "ma ma zuo le wan fan",
    "图书馆在学校后面。": "tu shu guan zai xue xiao hou mian",
    "这件衣服多少钱？": "zhe jian yi fu duo shao qian",
    "妹妹喜欢画小猫。": "mei mei xi huan hua xiao mao",
    "我们下个星期开会。": "wo men xia ge xing qi kai hui",
    "电话没有人接。": "dian hua mei you ren jie",
    "外面下着大雨。": "wai mian xia zhe da yu",
    "明天可能会下雪。": "ming tian ke neng hui xia xue",
}

# Nearest ARPAbet phones of Mandarin initials and finals, tones left out. Rough on purpose: the choice is closed.
_INITIALS = {
    "zh": "JH", "ch": "CH", "sh": "SH", "b": "B", "p": "P", "m": "M", "f": "F", "d": "D", "t": "T", "n": "N",
    "l": "L", "g": "G", "k": "K", "h": "HH", "j": "JH", "q": "CH", "x": "SH", "r": "R", "z": "Z", "c": "T S",
    "s": "S", "y": "Y", "w": "W",
}  # fmt: skip
_FINALS = {
    "a": "AA", "o": "AO", "e": "AH", "i": "IY", "u": "UW", "v": "UW", "ai": "AY", "ei": "EY", "ao": "AW",
    "ou": "OW", "an": "AA N", "en": "AH N", "ang": "AA NG", "eng": "AH NG", "ong": "UH NG", "ia": "Y AA",
    "ie": "Y EH", "iao": "Y AW", "iu": "Y OW", "ian": "Y EH N", "in": "IY N", "iang": "Y AA NG", "ing": "IY NG",
    "iong": "Y UH NG", "ua": "W AA", "uo": "W AO", "uai": "W AY", "ui": "W EY", "uan": "W AA N", "un": "W AH N",
    "uang": "W AA NG", "ue": "Y EH", "er": "ER",
}  # fmt: skip
_BUZZED = {
    "zhi": "JH ER",
    "chi": "CH ER",
    "shi": "SH ER",
    "ri": "R ER",
    "zi": "Z IH",
    "ci": "T S IH",
    "si": "S IH",
}


class ForcedChoice:
    """A recogniser that knows some sentences and no other."""

    def __init__(self, sentences: Sequence[str], pronunciations: Mapping[str, str] | None = None) -> None:
        """`sentences` are lower-case words of the model's dictionary or of `pronunciations` (word: ARPAbet)."""
        self._sentences = [sentence.split() for sentence in sentences]
        self._decoder: Any = pocketsphinx.Decoder(lm=None, loglevel="FATAL")
        for word, phones in (pronunciations or {}).items():
            self._decoder.add_word(word, phones, True)
        grammar = f"#JSGF V1.0;\ngrammar choice;\npublic <sentence> = {' | '.join(sentences)};\n"
        self._decoder.add_jsgf_string("choice", grammar)
        self._decoder.activate_search("choice")

    def hear(self, samples: Samples, sample_rate: int) -> str:
        """The sentence heard, or an empty string.

        The recogniser sometimes drops a sentence's last words: its first half is enough if no other begins so.
        """
        audio = soxr.resample(samples, sample_rate, RECOGNISER_RATE)
        quiet = np.zeros(RECOGNISER_RATE // 5, np.float32)
        pcm = np.clip(np.concatenate([quiet, audio, quiet]) * 32767, -32768, 32767).astype("<i2")
        self._decoder.start_utt()
        self._decoder.process_raw(pcm.tobytes(), no_search=False, full_utt=True)
        self._decoder.end_utt()
        hypothesis = self._decoder.hyp()
        return self._sentence_of(hypothesis.hypstr.split() if hypothesis is not None else [])

    def _sentence_of(self, heard: list[str]) -> str:
        fitting = [words for words in self._sentences if words[: len(heard)] == heard]
        return " ".join(fitting[0]) if len(fitting) == 1 and 2 * len(heard) >= len(fitting[0]) else ""


def english_choice() -> ForcedChoice:
    return ForcedChoice(ENGLISH_SENTENCES)


def mandarin_choice() -> ForcedChoice:
    """Hears one of `MANDARIN_SENTENCES` and answers its `mandarin_words`."""
    syllables = {syllable for pinyin in MANDARIN_SENTENCES.values() for syllable in pinyin.split()}
    return ForcedChoice(
        [mandarin_words(pinyin) for pinyin in MANDARIN_SENTENCES.values()],
        {_word(syllable): arpabet(syllable) for syllable in sorted(syllables)},
    )


def mandarin_words(pinyin: str) -> str:
    return " ".join(_word(syllable) for syllable in pinyin.split())


def arpabet(syllable: str) -> str:
    """Nearest English phones of a pinyin syllable without tone."""
    if syllable in _BUZZED:
        return _BUZZED[syllable]
    initial = next((start for start in (syllable[:2], syllable[:1]) if start in _INITIALS), "")
    final = syllable[len(initial) :]
    if initial in ("j", "q", "x", "y") and final.startswith("u"):
        final = "v" + final[1:] if final == "u" else final
    if initial == "y" and final in ("i", "in", "ing"):
        initial = ""
    return f"{_INITIALS.get(initial, '')} {_FINALS[final]}".strip()


def pitch_hz(samples: Samples, sample_rate: int) -> float:
    """Median fundamental frequency of the voiced 40 ms frames, by autocorrelation; 0.0 if no frame is voiced."""
    size, step = int(0.04 * sample_rate), int(0.01 * sample_rate)
    shortest, longest = int(sample_rate / PITCH_RANGE_HZ[1]), int(sample_rate / PITCH_RANGE_HZ[0])
    loud = float(np.max(np.abs(samples), initial=0.0)) * 0.1
    found: list[float] = []
    for start in range(0, len(samples) - size, step):
        frame = samples[start : start + size].astype(np.float64)
        if np.abs(frame).max() < loud:
            continue
        frame -= frame.mean()
        spectrum = np.fft.rfft(frame, 2 * size)
        correlation = np.fft.irfft(spectrum * spectrum.conj())[: longest + 1]
        if correlation[0] <= 0:
            continue
        # Fewer products are summed at longer lags; without the correction the shortest period always wins.
        correlation *= size / (size - np.arange(len(correlation)))
        peak = correlation[shortest:].max()
        if peak < 0.5 * correlation[0]:
            continue
        # The first peak about as high as the highest one: a multiple of the period correlates just as well.
        candidates = correlation[shortest:] > 0.9 * peak
        first = int(np.argmax(candidates)) + shortest
        while first + 1 <= longest and correlation[first + 1] > correlation[first]:
            first += 1
        found.append(sample_rate / first)
    return float(np.median(found)) if found else 0.0


def average_spectrum_db(samples: Samples, sample_rate: int) -> NDArray[np.float64]:
    """Long-term spectrum in 24 bands of equal width in mel up to 8 kHz, in dB, with a mean of 0."""
    size = 1024
    frames = np.lib.stride_tricks.sliding_window_view(samples.astype(np.float64), size)[:: size // 2]
    power = (np.abs(np.fft.rfft(frames * np.hanning(size), axis=1)) ** 2).mean(axis=0)
    mel = 2595 * np.log10(1 + np.fft.rfftfreq(size, 1 / sample_rate) / 700)
    bands = np.minimum((mel / (2595 * np.log10(1 + 8000 / 700)) * 24).astype(int), 24)
    summed = np.bincount(bands, weights=power, minlength=25)[:24]
    levels = 10 * np.log10(summed + 1e-12)
    return np.asarray(levels - levels.mean())


def timbre_distance_db(one: Samples, other: Samples, sample_rate: int) -> float:
    """Root mean square difference of two average spectra."""
    difference = average_spectrum_db(one, sample_rate) - average_spectrum_db(other, sample_rate)
    return float(np.sqrt(np.mean(difference**2)))


def white_noise(seconds: float, sample_rate: int) -> Samples:
    noise = np.random.default_rng(3).standard_normal(int(seconds * sample_rate))
    return (0.2 * noise).astype(np.float32)


def tone(seconds: float, sample_rate: int, hertz: float = 440.0) -> Samples:
    times = np.arange(int(seconds * sample_rate)) / sample_rate
    return (0.4 * np.sin(2 * np.pi * hertz * times)).astype(np.float32)


def _word(syllable: str) -> str:
    # A prefix keeps pinyin apart from English words that are spelled alike (`he`, `men`).
    return f"zh_{syllable}"
