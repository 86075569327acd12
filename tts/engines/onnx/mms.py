"""MMS voices and other VITS models as Hugging Face's transformers export them.

Graph: `input_ids` and `attention_mask`, int64 [1, T]; first output the samples, float32 [1, N]. It takes no scales: the
model's own speaking rate is built in, so other rates are made by stretching.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime

from tts.engines.base import CancelToken, Deadline, Samples
from tts.engines.onnx.graph_cache import GraphCache
from tts.engines.onnx.sequence_model import SequenceModel, Utterance, as_ids, ready
from tts.engines.onnx.session import create_session, run
from tts.engines.onnx.signature import INT64, Signature
from tts.engines.onnx.speaking import length_scale_of, read_model
from tts.engines.onnx.stretch import at_speed
from tts.engines.onnx.tokens import read_vocabulary
from tts.engines.onnx.vits_frames import Frame
from tts.engines.onnx.vits_front_end import CharacterFrontEnd
from tts.voices.manifest import Manifest
from tts.voices.problems import VoiceIncompatible

MAX_IDS = 150
"""Of one run, blanks not counted: about 10 s of audio."""

_BLANK = 0


@dataclass(frozen=True, slots=True, eq=False)
class MmsGraph:
    """See `Graph`."""

    session: onnxruntime.InferenceSession
    frame: Frame
    sample_rate: int

    def run(
        self, utterance: Utterance, *, speaker: int, speed: float, deadline: Deadline, cancel: CancelToken
    ) -> Samples:
        length_scale_of(1.0, speed)
        ids = as_ids(self.frame.ids(utterance.ids))
        feeds = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
        samples = run(self.session, feeds, deadline=deadline, cancel=cancel).reshape(-1)
        return at_speed(samples, self.sample_rate, speed)


def load_mms(folder: Path, manifest: Manifest, cache: GraphCache, *, cancel: CancelToken) -> SequenceModel:
    """Raises `VoiceCorrupt` for what cannot be read, `VoiceIncompatible` for a graph of another kind or one that does
    not speak, `SynthesisCanceled`."""
    description = manifest.description
    session = create_session(read_model(manifest.path(folder, "model")), cache)
    Signature.of(session).require("MMS", {"input_ids": INT64, "attention_mask": INT64})
    if len(description.speakers) > 1:
        raise VoiceIncompatible(
            f"voice.json names {len(description.speakers)} speakers, but the graph takes none"
        )
    front_end = CharacterFrontEnd(read_vocabulary(manifest.path(folder, "vocab")))
    frame = Frame(blank=_BLANK if manifest.options.flag("add_blank", True) else None)
    graph = MmsGraph(session, frame, description.sample_rate)
    return ready(SequenceModel(description, front_end, graph, MAX_IDS), cancel)
