import logging
import threading
import time
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from tests.fixture_voices import Fault, fixture_model
from tests.tts.engines.onnx.voices import soon
from tts.engines.base import BadOutput, CancelToken, Deadline, EngineError, EngineTimeout, SynthesisCanceled
from tts.engines.onnx.graph_cache import GraphCache
from tts.engines.onnx.session import Feeds, create_session, run
from tts.voices.problems import VoiceCorrupt

STOP_SECONDS = 2.0
"""Far above the few milliseconds it takes, far below the 2^62 trips of the loop."""


@pytest.fixture
def cache(tmp_path: Path) -> GraphCache:
    return GraphCache(tmp_path / "cache")


def feeds(ids: int) -> Feeds:
    return {
        "input": np.full((1, ids), 20, np.int64),
        "input_lengths": np.array([ids], np.int64),
        "scales": np.array([0.667, 1.0, 0.8], np.float32),
    }


def test_a_hanging_run_ends_at_the_deadline_and_the_session_lives_on(cache: GraphCache) -> None:
    session = create_session(fixture_model(fault=Fault.HANG).SerializeToString(), cache)
    before = run(session, feeds(10), deadline=soon(), cancel=CancelToken())
    started = time.monotonic()
    with pytest.raises(EngineTimeout):
        run(session, feeds(100), deadline=Deadline.after(0.2), cancel=CancelToken())
    assert 0.2 <= time.monotonic() - started < STOP_SECONDS
    assert np.array_equal(run(session, feeds(10), deadline=soon(), cancel=CancelToken()), before)


@pytest.mark.parametrize("reason", [SynthesisCanceled, EngineTimeout])
def test_a_hanging_run_ends_when_canceled_with_the_reason(
    cache: GraphCache, reason: type[EngineError]
) -> None:
    session = create_session(fixture_model(fault=Fault.HANG).SerializeToString(), cache)
    cancel = CancelToken()
    timer = threading.Timer(0.2, cancel.cancel, [reason])
    timer.start()
    started = time.monotonic()
    with pytest.raises(reason):
        run(session, feeds(100), deadline=soon(), cancel=cancel)
    assert time.monotonic() - started < STOP_SECONDS
    timer.join()


def test_nothing_runs_once_canceled_or_too_late(cache: GraphCache) -> None:
    session = create_session(fixture_model().SerializeToString(), cache)
    canceled = CancelToken()
    canceled.cancel()
    with pytest.raises(SynthesisCanceled):
        run(session, feeds(10), deadline=soon(), cancel=canceled)
    with pytest.raises(EngineTimeout):
        run(session, feeds(10), deadline=Deadline.after(-1.0), cancel=CancelToken())


def test_a_failing_run_is_an_engine_error_with_its_reason(cache: GraphCache) -> None:
    session = create_session(fixture_model(fault=Fault.RAISE).SerializeToString(), cache)
    with pytest.raises(EngineError, match=r"the model failed: .*INVALID_ARGUMENT") as caught:
        run(session, feeds(100), deadline=soon(), cancel=CancelToken())
    assert type(caught.value) is EngineError


def test_finished_runs_leave_no_threads_and_no_callbacks(cache: GraphCache) -> None:
    session = create_session(fixture_model().SerializeToString(), cache)
    threads = threading.active_count()
    cancel = CancelToken()
    for _ in range(20):
        run(session, feeds(10), deadline=Deadline.after(3600.0), cancel=cancel)
    for thread in threading.enumerate():
        if isinstance(thread, threading.Timer):
            thread.join(timeout=5.0)
    assert threading.active_count() <= threads
    assert not cancel._callbacks


def test_output_that_is_not_float32_is_bad(cache: GraphCache) -> None:
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        [helper.make_node("Identity", ["x"], ["y"])],
        "graph",
        [value("x", TensorProto.INT64, [1])],
        [value("y", TensorProto.INT64, [1])],
    )
    session = create_session(as_bytes(graph), cache)
    with pytest.raises(BadOutput):
        run(session, {"x": np.array([1], np.int64)}, deadline=soon(), cancel=CancelToken())


def test_a_model_whose_noise_cannot_be_replaced_still_loads(
    cache: GraphCache, caplog: pytest.LogCaptureFixture
) -> None:
    model = fixture_model(noise=True)
    # A function of our name is there already, and onnxruntime refuses two.
    taken = helper.make_function(
        "voxgate",
        "HashedNormalLike",
        ["a"],
        ["b"],
        [helper.make_node("Abs", ["a"], ["b"])],
        [helper.make_opsetid("", 15)],
    )
    model.functions.append(taken)
    model.opset_import.append(helper.make_opsetid("voxgate", 1))
    with caplog.at_level(logging.WARNING):
        session = create_session(model.SerializeToString(), cache)
    assert "noise of a model left random" in caplog.text
    assert run(session, feeds(10), deadline=soon(), cancel=CancelToken()).size > 0


@pytest.mark.parametrize("data", [b"", b"garbage", fixture_model().SerializeToString()[:5000]])
def test_a_damaged_model_is_corrupt_and_nothing_is_cached(cache: GraphCache, data: bytes) -> None:
    with pytest.raises(VoiceCorrupt, match="onnxruntime cannot load the model"):
        create_session(data, cache)
    assert cache.get(data) is None


@pytest.mark.parametrize("location", ["weights.bin", "../weights.bin", "{absolute}", "*/_ORT_MEM_ADDR_/*"])
def test_weights_outside_the_model_file_are_refused(
    cache: GraphCache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, location: str
) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    for place in (tmp_path, inner):
        (place / "weights.bin").write_bytes(np.ones(1000, np.float32).tobytes())
    # onnxruntime would look in the working directory by itself.
    monkeypatch.chdir(inner)
    weights = numpy_helper.from_array(np.ones(1000, np.float32), "weights")
    weights.ClearField("raw_data")
    weights.data_location = TensorProto.EXTERNAL
    entries = {
        "location": location.format(absolute=tmp_path / "weights.bin"),
        "offset": "0",
        "length": "4000",
    }
    for key, text in entries.items():
        weights.external_data.add(key=key, value=text)
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        [helper.make_node("Add", ["x", "weights"], ["y"])],
        "graph",
        [value("x", TensorProto.FLOAT, [1000])],
        [value("y", TensorProto.FLOAT, [1000])],
        [weights],
    )
    with pytest.raises(VoiceCorrupt):
        create_session(as_bytes(graph), cache)


def as_bytes(graph: onnx.GraphProto) -> bytes:
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)
    return bytes(model.SerializeToString())
