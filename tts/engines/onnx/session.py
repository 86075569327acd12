"""onnxruntime sessions as a CPU speech worker wants them, and runs that can be stopped."""

import logging
import threading
from collections.abc import Mapping
from itertools import takewhile
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from tts.engines.base import BadOutput, CancelToken, Deadline, EngineError, EngineTimeout
from tts.engines.onnx.graph_cache import GraphCache
from tts.engines.onnx.repeatable import repeatable
from tts.voices.problems import VoiceCorrupt

logger = logging.getLogger(__name__)

SEED = 7
_FATAL_ONLY = 4
_PROVIDERS = ["CPUExecutionProvider"]

Feeds = Mapping[str, NDArray[np.float32] | NDArray[np.int64]]

onnxruntime.set_default_logger_severity(_FATAL_ONLY)


def create_session(model: bytes, cache: GraphCache) -> onnxruntime.InferenceSession:
    """A session for `model` on one thread, from the cached optimised graph where there is one.

    Its noise repeats with every run (see `repeatable`). External weight files are refused wherever they
    are. Raises `VoiceCorrupt` with onnxruntime's reason.
    """
    # Random operators that stay random take their seed from this process-wide value, now.
    onnxruntime.set_seed(SEED)
    cached = cache.get(model)
    if cached is not None:
        try:
            return onnxruntime.InferenceSession(cached, _options(cache.directory, optimized=True), _PROVIDERS)
        except Exception as problem:  # noqa: BLE001 - onnxruntime's exceptions share no base class
            logger.warning("cached graph refused, built anew: %s", _first_line(problem))
            cache.discard(model)
    graph = repeatable(model)
    try:
        return _create_and_keep(model, graph, cache)
    except VoiceCorrupt as problem:
        if graph is model:
            raise
        logger.warning("noise of a model left random: %s", problem)
        return _create_and_keep(model, model, cache)


def _create_and_keep(model: bytes, graph: bytes, cache: GraphCache) -> onnxruntime.InferenceSession:
    """A session for `graph`, whose optimised form is kept for `model`."""
    sessions: list[onnxruntime.InferenceSession] = []

    def create(optimized_path: Path | None) -> None:
        options = _options(cache.directory, optimized=False)
        if optimized_path is not None:
            options.optimized_model_filepath = str(optimized_path)
        try:
            sessions.append(onnxruntime.InferenceSession(graph, options, _PROVIDERS))
        except Exception as problem:
            raise VoiceCorrupt(f"onnxruntime cannot load the model: {_first_line(problem)}") from problem

    cache.put(model, create)
    if not sessions:
        create(None)
    return sessions[0]


def _options(directory: Path, *, optimized: bool) -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    # Planning memory reuse takes 2.1 of the 2.4 s a VITS graph needs to load, and buys nothing at run time.
    options.enable_mem_reuse = False
    options.enable_mem_pattern = False
    options.log_severity_level = _FATAL_ONLY
    # From bytes, external data would be looked for in the working directory. This directory never exists.
    options.add_session_config_entry(
        "session.model_external_initializers_file_folder_path", str(directory / ".no-external-data")
    )
    level = onnxruntime.GraphOptimizationLevel
    options.graph_optimization_level = level.ORT_DISABLE_ALL if optimized else level.ORT_ENABLE_ALL
    return options


def run(
    session: onnxruntime.InferenceSession, feeds: Feeds, *, deadline: Deadline, cancel: CancelToken
) -> NDArray[np.float32]:
    """The session's first output for `feeds`; see `run_all`."""
    return run_all(session, feeds, deadline=deadline, cancel=cancel)[0]


def run_all(
    session: onnxruntime.InferenceSession, feeds: Feeds, *, deadline: Deadline, cancel: CancelToken
) -> list[NDArray[np.float32]]:
    """The session's outputs for `feeds` up to the first that is not float32.

    Raises `EngineTimeout` once `deadline` has passed and the token's reason once it is canceled, both
    within the time of one operator of the graph; `EngineError` when the run fails; `BadOutput` when the
    first output is not float32. The session can be used again afterwards.
    """
    cancel.raise_if_canceled()
    if deadline.passed():
        raise EngineTimeout("the deadline passed before the run")
    options = onnxruntime.RunOptions()
    options.log_severity_level = _FATAL_ONLY

    def stop() -> None:
        options.terminate = True

    timer = threading.Timer(deadline.remaining(), stop)
    timer.daemon = True
    forget = cancel.on_cancel(stop)
    timer.start()
    try:
        outputs = session.run(None, feeds, options)
    except Exception as problem:
        cancel.raise_if_canceled()
        if options.terminate:
            raise EngineTimeout("stopped at the deadline") from None
        raise EngineError(f"the model failed: {_first_line(problem)}") from problem
    finally:
        timer.cancel()
        forget()
    audio = list(takewhile(_is_float, outputs))
    if not audio:
        raise BadOutput("the model's first output is not float32")
    return audio


def _is_float(output: object) -> bool:
    return isinstance(output, np.ndarray) and output.dtype == np.float32


def _first_line(problem: Exception) -> str:
    lines = str(problem).splitlines() or [type(problem).__name__]
    return lines[0][:200]
