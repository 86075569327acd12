"""gunicorn's own log, on a real gunicorn."""

import http.client
import socket
import urllib.parse

from tests.system import System

MARK = "markertail"


def test_what_a_broken_client_sent_is_not_logged(system: System) -> None:
    address = urllib.parse.urlsplit(system.base_url)
    with socket.create_connection((address.hostname or "", address.port or 0), timeout=10) as client:
        client.sendall(f'{MARK}"}}POST /api/tts HTTP/1.1\r\nHost: localhost\r\n\r\n'.encode())
        assert b" 400 " in client.recv(4096)
    log = (system.data / "logs" / "web.log").read_text(errors="replace")
    assert "a request could not be parsed" in log
    assert MARK not in log


def test_script_name_from_a_client_does_not_move_the_site(system: System) -> None:
    address = urllib.parse.urlsplit(system.base_url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=10)
    connection.request("GET", "/livez/api/voices", headers={"SCRIPT_NAME": "/livez"})
    assert connection.getresponse().status in (400, 404)
    connection.close()
