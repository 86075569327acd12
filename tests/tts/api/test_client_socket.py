import socket
import ssl
from collections.abc import Iterator

import pytest
from django.http import HttpRequest

from tts.api.client_socket import client_watch


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Our end and the client's."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def watched(connection: object) -> HttpRequest:
    request = HttpRequest()
    request.META["gunicorn.socket"] = connection
    return request


def test_a_silent_client_is_there_until_it_closes(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    is_there = client_watch(watched(ours))
    assert [is_there() for _ in range(3)] == [True] * 3
    theirs.close()
    assert not is_there()
    assert not is_there()


def test_what_the_client_sends_next_is_left_for_who_reads_it(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    ours, theirs = pair
    theirs.sendall(b"GET /next")
    is_there = client_watch(watched(ours))
    assert is_there()
    assert is_there()
    assert ours.recv(100) == b"GET /next"


def test_a_client_that_only_ended_its_half_counts_as_gone(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    theirs.shutdown(socket.SHUT_WR)
    assert not client_watch(watched(ours))()


def test_a_socket_that_broke_counts_as_gone(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, _ = pair
    is_there = client_watch(watched(ours))
    ours.close()
    assert not is_there()


def test_without_a_socket_the_client_is_taken_to_be_there() -> None:
    assert client_watch(HttpRequest())()
    assert client_watch(watched("no socket"))()


def test_a_socket_of_tls_cannot_be_peeked_at(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with context.wrap_socket(ours, server_side=True, do_handshake_on_connect=False) as wrapped:
        theirs.close()
        assert client_watch(watched(wrapped))()
