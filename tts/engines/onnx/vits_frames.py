"""What stands around and between the ids of VITS voices, and which front end makes them, told by their metadata."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tts.engines.onnx.espeak_front_end import EspeakFrontEnd
from tts.engines.onnx.lexicon_file import read_lexicon
from tts.engines.onnx.marks import with_both_widths
from tts.engines.onnx.sequence_model import FrontEnd
from tts.engines.onnx.signature import Signature
from tts.engines.onnx.tokens import TokenTable, interleaved, read_tokens
from tts.engines.onnx.vits_front_end import CharacterFrontEnd, LexiconFrontEnd
from tts.voices.language import language_family
from tts.voices.manifest import Manifest
from tts.voices.problems import VoiceIncompatible


@dataclass(frozen=True, slots=True)
class Frame:
    """`before` and `after` surround the ids of a run; a `blank`, where there is one, is spread among them.

    With `surrounds_all` it comes before, between and after all of them, else before (if `leads`), between and after
    those that are spoken.
    """

    before: tuple[int, ...] = ()
    after: tuple[int, ...] = ()
    blank: int | None = None
    surrounds_all: bool = True
    leads: bool = True

    def ids(self, ids: Sequence[int]) -> list[int]:
        if self.blank is None:
            return [*self.before, *ids, *self.after]
        if self.surrounds_all:
            return interleaved([*self.before, *ids, *self.after], self.blank)
        spaced = interleaved(ids, self.blank)
        return [*self.before, *(spaced if self.leads else spaced[1:]), *self.after]

    def tones(self, tones: Sequence[int]) -> list[int]:
        """Tones for the same places; everything that is not spoken has tone 0."""
        padded = [*([0] * len(self.before)), *tones, *([0] * len(self.after))]
        return padded if self.blank is None else interleaved(padded, 0)


def front_end_and_frame(folder: Path, manifest: Manifest, signature: Signature) -> tuple[FrontEnd, Frame]:
    """Raises `VoiceCorrupt` for files that cannot be read, `VoiceIncompatible` where one is missing."""
    tokens = read_tokens(manifest.path(folder, "tokens"))
    comment = signature.text("comment")
    if signature.text("frontend") == "characters":
        return CharacterFrontEnd(tokens), _coqui_frame(signature)
    if "tones" in signature.inputs:
        return _melo(folder, manifest, tokens), Frame(blank=0 if signature.integer("add_blank", 1) else None)
    if manifest.paths(folder, "lexicon"):
        return _words(folder, manifest, signature, tokens)
    if voice := manifest.options.text("espeak_voice", signature.text("voice")):
        return _espeak(voice, comment, signature, tokens)
    raise VoiceIncompatible(
        "it has neither characters nor a voice of espeak-ng as its sounds: it needs a lexicon.txt"
    )


def _coqui_frame(signature: Signature, *ending: int) -> Frame:
    """`bos blank (id blank)* eos`: TTS/tts/utils/text/tokenizer.py of coqui-ai/TTS. MMS names neither bos nor eos."""
    names_ends = "bos_id" in signature.metadata or "eos_id" in signature.metadata
    has_ends = signature.integer("use_eos_bos", int(names_ends)) and names_ends
    return Frame(
        before=(signature.integer("bos_id", 0),) if has_ends else (),
        after=(*ending, *((signature.integer("eos_id", 0),) if has_ends else ())),
        blank=signature.integer("blank_id", 0) if signature.integer("add_blank", 0) else None,
        surrounds_all=False,
    )


def _melo(folder: Path, manifest: Manifest, tokens: TokenTable) -> FrontEnd:
    tokens = with_both_widths(tokens)
    lexicon = read_lexicon(manifest.paths(folder, "lexicon"), tokens, has_tones=True)
    return LexiconFrontEnd(lexicon, tokens)


def _words(
    folder: Path, manifest: Manifest, signature: Signature, tokens: TokenTable
) -> tuple[FrontEnd, Frame]:
    """`sil (word)* sil eos` where those tokens exist."""
    marked = with_both_widths(tokens)
    lexicon = read_lexicon(manifest.paths(folder, "lexicon"), marked)
    silence, end = tokens.ids.get("sil"), tokens.ids.get("eos")
    is_chinese = language_family(manifest.description.languages[0]) == "zh"
    frame = Frame(
        before=() if silence is None else (silence,),
        after=tuple(token for token in (silence, end) if token is not None),
        blank=0 if signature.integer("add_blank", 0) else None,
    )
    pause = tokens.ids.get("#0", silence) if is_chinese else None
    return LexiconFrontEnd(lexicon, marked, between=tokens.ids.get(" "), pause=pause), frame


def _espeak(voice: str, comment: str, signature: Signature, tokens: TokenTable) -> tuple[FrontEnd, Frame]:
    front_end = EspeakFrontEnd(tokens, voice)
    if "coqui" in comment:
        # A comma at the end gives the last sound time to fade.
        comma = tokens.ids.get(",")
        return front_end, _coqui_frame(signature, *(() if comma is None else (comma,)))
    for symbol in "_^$":
        if symbol not in tokens:
            raise VoiceIncompatible(f"tokens.txt lacks {symbol!r}")
    # k2's own models were trained without a pad after the first symbol, Piper's with one.
    leads = "icefall" not in comment
    return front_end, Frame((tokens["^"],), (tokens["$"],), tokens["_"], surrounds_all=False, leads=leads)
