"""What is shown once Voxgate is ready."""

import json
from pathlib import Path

from voxgate.ops.up.config import Config

ADMIN = "admin"
"""The user that `manage.py bootstrap_demo` makes."""


def banner(config: Config, *, first_start: bool) -> str:
    """Addresses, credentials and a command to paste; the admin's password only on the first start."""
    password = config.data / "admin.password"
    key = _read(config.data / "demo.key")
    lines = ["", f"  Web page   {config.address}/"]
    lines.append(f"  Admin      {config.address}/admin/")
    if _read(password):
        shown = _read(password) if first_start else f"see {password}"
        lines.append(f"             user {ADMIN}, password {shown}")
    if key:
        lines.append(f"  API key    {key}")
    lines += [f"  Data       {config.data}", "", "  Try it:", "", _curl(config, key), ""]
    lines.append("  Stop with Ctrl+C.")
    return "\n".join(lines)


def _curl(config: Config, key: str) -> str:
    body = {"text": "今天的温度是35℃!!!", "speaker_id": 0, "speed": 1.0, "format": "wav"}
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    authorization = f" -H 'Authorization: Bearer {key}'" if key else ""
    return (
        f"curl {config.address}/api/tts{authorization} -H 'Content-Type: application/json' "
        f"-d '{text}' --output hello.wav"
    )


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""
