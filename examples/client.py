#!/usr/bin/env python3
"""Speak a text with Voxgate and write the audio to a file. Needs `requests` and nothing of Voxgate's code.

    python examples/client.py "今天的温度是35℃!!!" hello.wav
    python examples/client.py "Good morning." morning.mp3 --speaker 2 --speed 1.2

The format follows the file's ending. VOXGATE_URL names the server (default http://127.0.0.1:7860), VOXGATE_KEY
holds an API key; `make run` answers without one.
"""

import argparse
import os
import sys
from pathlib import Path

import requests

FORMATS = ("wav", "mp3", "ogg", "flac", "pcm")


class SpeechRefused(Exception):
    """The server answered with an error; the message is fit to be shown."""


def synthesize(
    text: str,
    speaker_id: int = 0,
    speed: float = 1.0,
    audio_format: str = "wav",
    timeout: float = 15.0,
    *,
    url: str = "http://127.0.0.1:7860",
    key: str = "",
) -> requests.Response:
    """Ask for speech and wait for it; the audio is in `content` of the response.

    `timeout` is how many seconds the server may take. Raises `SpeechRefused`, or what `requests` raises when the
    server cannot be reached.
    """
    response = requests.post(
        f"{url.rstrip('/')}/api/tts",
        json={
            "text": text,
            "speaker_id": speaker_id,
            "speed": speed,
            "format": audio_format,
            "timeout": timeout,
        },
        headers={"Authorization": f"Bearer {key}"} if key else {},
        # The server keeps its own time; this one only notices a dead connection.
        timeout=timeout + 5,
    )
    if response.status_code != 200:
        raise SpeechRefused(explain(response))
    return response


def explain(response: requests.Response) -> str:
    """An error answer in one line: what went wrong, and the id to ask the operator about."""
    try:
        problem = response.json()
    except ValueError:
        return f"HTTP {response.status_code}"
    return f"{problem.get('code')}: {problem.get('detail')} (request {problem.get('request_id')})"


def main() -> int:
    parser = argparse.ArgumentParser(description="Speak a text with Voxgate.")
    parser.add_argument("text")
    parser.add_argument("output", type=Path, help="audio file to write: .wav .mp3 .ogg .flac .pcm")
    parser.add_argument("--speaker", type=int, default=0, help="0 and 1 female, 2 and 3 male")
    parser.add_argument("--speed", type=float, default=1.0, help="0.5 to 2.0")
    parser.add_argument("--timeout", type=float, default=15.0, help="seconds")
    options = parser.parse_args()
    audio_format = options.output.suffix.lstrip(".").lower()
    if audio_format not in FORMATS:
        parser.error(f"the output must end in one of .{', .'.join(FORMATS)}")
    try:
        response = synthesize(
            options.text,
            options.speaker,
            options.speed,
            audio_format,
            options.timeout,
            url=os.environ.get("VOXGATE_URL") or "http://127.0.0.1:7860",
            key=os.environ.get("VOXGATE_KEY", "").strip(),
        )
    except (SpeechRefused, requests.RequestException) as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    options.output.write_bytes(response.content)
    sys.stdout.write(
        f"{options.output}: {response.headers['X-Voxgate-Audio-Seconds']} s"
        f" by {response.headers['X-Voxgate-Voice']}, fallback {response.headers['X-Voxgate-Fallback']}\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
