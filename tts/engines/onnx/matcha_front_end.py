"""Front ends of Matcha-TTS voices.

Method: sherpa-onnx, `character-lexicon.cc`, `piper-phonemize-lexicon.cc` and `matcha-tts-lexicon.cc`; the original
repository's `english_cleaners2`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tts.engines.base import Deadline
from tts.engines.onnx.espeak_front_end import EspeakFrontEnd, ipa_of, utterance_of_ipa
from tts.engines.onnx.kokoro_tokens import SYMBOLS_178
from tts.engines.onnx.lexicon_file import read_lexicon
from tts.engines.onnx.marks import with_both_widths
from tts.engines.onnx.phonemizer import Phonemizer
from tts.engines.onnx.sequence_model import FrontEnd, Utterance, UtteranceBuilder
from tts.engines.onnx.signature import Signature
from tts.engines.onnx.tokens import TokenTable, read_tokens
from tts.engines.onnx.vits_frames import Frame
from tts.engines.onnx.vits_front_end import LexiconFrontEnd
from tts.text.types import Run
from tts.voices.language import language_family
from tts.voices.manifest import Manifest
from tts.voices.problems import VoiceIncompatible

BILINGUAL_VOICE = "zh en-us"
"""What the metadata of icefall's Chinese and English voice calls its espeak-ng voice."""

# The English half of that voice was trained on misaki's symbols, length marks left out.
_ENGLISH = (
    *(("ɝ", "ɜɹ"), ("ɚ", "əɹ"), ("eɪ", "A"), ("aɪ", "I"), ("ɔɪ", "Y"), ("oʊ", "O"), ("əʊ", "O"), ("aʊ", "W")),
    *(("tʃ", "ʧ"), ("dʒ", "ʤ"), ("ː", ""), ("g", "ɡ"), ("r", "ɹ"), ("e", "ɛ")),
)


@dataclass(frozen=True, slots=True)
class BilingualFrontEnd:
    """Mandarin by lexicon, English by espeak-ng."""

    mandarin: LexiconFrontEnd
    tokens: TokenTable

    @property
    def symbols(self) -> int:
        return self.tokens.size

    def utterance(
        self, runs: Sequence[Run], *, speaker: int, phonemizer: Phonemizer, deadline: Deadline
    ) -> Utterance:
        builder = UtteranceBuilder()
        for run in runs:
            if language_family(run.language) == "zh":
                part = self.mandarin.utterance(
                    [run], speaker=speaker, phonemizer=phonemizer, deadline=deadline
                )
            else:
                ipa = run.phonemes or ipa_of(run.text, "en-us", phonemizer, deadline)
                part = utterance_of_ipa(f"{_misaki_like(ipa)} ", self.tokens)
            start = len(builder.ids)
            builder.ids.extend(part.ids)
            builder.marks.extend(start + place for place in part.marks)
            builder.gaps.extend(start + place for place in part.gaps)
        return builder.done()

    def sample(self) -> Utterance:
        return self.mandarin.sample()


def matcha_front_end(folder: Path, manifest: Manifest, signature: Signature) -> tuple[FrontEnd, Frame]:
    """Raises `VoiceCorrupt` for files that cannot be read, `VoiceIncompatible` where one is missing."""
    tokens = _tokens(folder, manifest, signature)
    voice = manifest.options.text("espeak_voice", signature.text("voice"))
    pad = signature.integer("pad_id", tokens.ids.get("_", 0))
    lexicon_paths = manifest.paths(folder, "lexicon")
    if lexicon_paths:
        marked = with_both_widths(tokens)
        words = LexiconFrontEnd(read_lexicon(lexicon_paths, marked), marked)
        if voice == BILINGUAL_VOICE:
            return BilingualFrontEnd(words, marked), Frame()
        return words, Frame(blank=pad)
    if voice == BILINGUAL_VOICE or signature.integer("jieba", 0):
        raise VoiceIncompatible("the voice reads Mandarin by a lexicon.txt, which files.lexicon must name")
    return EspeakFrontEnd(tokens, voice or "en-us"), _espeak_frame(tokens, signature, pad)


def _tokens(folder: Path, manifest: Manifest, signature: Signature) -> TokenTable:
    for path in manifest.paths(folder, "tokens"):
        return read_tokens(path)
    if signature.text("model_type"):
        raise VoiceIncompatible("files.tokens is missing, which Matcha voices of icefall need")
    return TokenTable({symbol: number for number, symbol in enumerate(SYMBOLS_178.replace("$", "_", 1))})


def _espeak_frame(tokens: TokenTable, signature: Signature, pad: int) -> Frame:
    if not signature.integer("use_eos_bos", 0):
        return Frame(blank=pad)
    for symbol in "^$":
        if symbol not in tokens:
            raise VoiceIncompatible(f"tokens.txt lacks {symbol!r}")
    return Frame(before=(tokens["^"],), after=(tokens["$"],), blank=pad)


def _misaki_like(ipa: str) -> str:
    for old, new in _ENGLISH:
        ipa = ipa.replace(old, new)
    return ipa
