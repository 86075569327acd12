"""What only a server with a certificate can show."""

import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests.tts.voices.store.publisher import Publisher
from tts.voices.store.errors import DownloadFailed
from tts.voices.store.http import get


class Redirecting(BaseHTTPRequestHandler):
    """Sends everybody to the path of the request, taken as an address; the root answers."""

    def do_GET(self) -> None:
        target = self.path.removeprefix("/")
        self.send_response(302 if target else 200)
        if target:
            self.send_header("Location", target)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A key and a certificate for 127.0.0.1 that signs itself, in one file."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not on this machine, and nothing else here makes certificates")
    key, path = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", str(key), "-out", str(path)]
    subprocess.run(
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            *subject,
            *files,
        ],
        check=True,
        capture_output=True,
        timeout=30,
    )
    both = tmp_path / "both.pem"
    both.write_bytes(key.read_bytes() + path.read_bytes())
    return both


@pytest.fixture
def encrypted(certificate: Path) -> Iterator[str]:
    """The address of a server that speaks TLS only."""
    server = HTTPServer(("127.0.0.1", 0), Redirecting)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"https://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))


@pytest.mark.usefixtures("trusted")
def test_encrypted_answers_and_redirects_are_followed(encrypted: str) -> None:
    with get(f"{encrypted}/{encrypted}/", {}, timeout_seconds=10) as answer:
        assert answer.status == 200


@pytest.mark.usefixtures("trusted")
def test_a_redirect_never_leaves_encryption(encrypted: str, publisher: Publisher) -> None:
    plain = publisher.publish("/v", b"anything")
    with pytest.raises(DownloadFailed, match="redirects from https to http, which is refused"):
        get(f"{encrypted}/{plain}", {}, timeout_seconds=10)
    assert publisher.asked == []


def test_a_certificate_that_nobody_vouches_for_is_refused_for_good(encrypted: str) -> None:
    with pytest.raises(DownloadFailed, match=r"not trusted .* SSL_CERT_FILE"):
        get(encrypted, {}, timeout_seconds=10)


def test_the_proxy_of_the_environment_is_used(publisher: Publisher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setenv("http_proxy", publisher.url)
    publisher.publish("http://publisher.invalid/v", b"by proxy")
    with get("http://publisher.invalid/v", {}, timeout_seconds=10) as answer:
        assert answer.read(100) == b"by proxy"
