import os
from pathlib import Path

import numpy as np
import pytest

from tests.tts.engines.onnx.voices import SHORT, load_fixture, soon
from tts.engines.base import CancelToken, Samples
from tts.engines.onnx.graph_cache import GraphCache, graph_key
from tts.engines.onnx.piper import PiperModel

MODEL = b"the model"


@pytest.fixture
def cache(tmp_path: Path) -> GraphCache:
    return GraphCache(tmp_path / "deep" / "cache")


def keep(cache: GraphCache, data: bytes, model: bytes = MODEL) -> Path:
    before = set(cache.directory.glob("*"))
    cache.put(model, lambda path: path.write_bytes(data))
    (path,) = set(cache.directory.glob("*")) - before
    return path


def test_nothing_is_there_at_first(cache: GraphCache) -> None:
    assert cache.get(MODEL) is None


def test_what_was_kept_is_found_for_this_model_only(cache: GraphCache) -> None:
    keep(cache, b"the graph")
    assert cache.get(MODEL) == b"the graph"
    assert cache.get(b"another model") is None


def test_a_damaged_graph_is_deleted_and_not_returned(cache: GraphCache) -> None:
    path = keep(cache, b"the graph")
    path.write_bytes(b"the grape")
    assert cache.get(MODEL) is None
    assert not path.exists()


def test_only_whole_graphs_have_the_final_name(cache: GraphCache) -> None:
    def write_half(path: Path) -> None:
        path.write_bytes(b"half")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        cache.put(MODEL, write_half)
    assert list(cache.directory.iterdir()) == []


def test_an_unusable_directory_costs_the_cache_only(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    cache = GraphCache(tmp_path / "file" / "cache")
    cache.put(MODEL, lambda path: path.write_bytes(b"the graph"))
    assert cache.get(MODEL) is None


def test_graphs_unused_for_long_are_pruned(cache: GraphCache) -> None:
    old, new = keep(cache, b"old"), keep(cache, b"new", b"another model")
    os.utime(old, (1000, 1000))
    cache.prune(unused_since=2000)
    assert (old.exists(), new.exists()) == (False, True)


def test_use_keeps_a_graph_from_being_pruned(cache: GraphCache) -> None:
    path = keep(cache, b"the graph")
    os.utime(path, (1000, 1000))
    cache.get(MODEL)
    cache.prune(unused_since=2000)
    assert path.exists()


def test_key_names_model_and_environment() -> None:
    model, _, environment = graph_key(MODEL).partition("-")
    assert (len(model), len(environment)) == (32, 32)
    assert graph_key(b"another model").partition("-")[2] == environment


def spoken(model: PiperModel) -> Samples:
    return model.speak(SHORT, deadline=soon(), cancel=CancelToken())


def test_a_voice_from_the_cache_speaks_the_same_samples(tmp_path: Path) -> None:
    first = spoken(load_fixture(tmp_path))
    (graph,) = (tmp_path / "cache").glob("*.onnx")
    written = graph.stat().st_ino
    again = spoken(load_fixture(tmp_path))
    assert np.array_equal(first, again)
    assert graph.stat().st_ino == written


def test_a_cached_graph_onnxruntime_refuses_is_built_anew(tmp_path: Path) -> None:
    first = spoken(load_fixture(tmp_path))
    cache = GraphCache(tmp_path / "cache")
    model = (tmp_path / "voice.onnx").read_bytes()
    cache.discard(model)
    garbage = keep(cache, b"whole, but no graph", model)
    assert np.array_equal(first, spoken(load_fixture(tmp_path)))
    assert not garbage.exists()
    assert cache.get(model) is not None
