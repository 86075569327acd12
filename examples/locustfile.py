"""Load test: people who ask for a sentence, listen, and ask for the next one. Needs `locust` and nothing of Voxgate.

    locust -f examples/locustfile.py --host http://127.0.0.1:7860 --headless -u 50 -r 10 -t 60s --only-summary

VOXGATE_KEY holds an API key; `make run` answers without one.
"""

# ruff: noqa: S311 - chance for a load test, no secrets

import os
import random

from locust import FastHttpUser, between, task

# Short, middling and long, mostly Mandarin, with the numbers and signs that need reading.
SENTENCES = (
    "你好，欢迎使用语音合成服务。",
    "今天的温度是35℃!!!",
    "您的验证码是 482913，五分钟内有效。",
    "单价12,000元/平方米，首付比例30%。",
    "各位旅客请注意，开往上海虹桥的列车即将进站，请站在安全线以内等候。",
    "会议定于2026年2月2日 14:30 在三号会议室召开，请提前十分钟签到。",
    "A股上涨1.5%，成交额突破9,800亿元，北向资金净流入超过50亿元。",
    "iPhone 15 Pro 售价 ¥8,999.00，打开 settings 页面即可查看保修期。",
    "Your order has been shipped and will arrive on Monday.",
)
SPEAKERS = (0, 1, 2, 3)
SPEEDS = (0.8, 1.0, 1.0, 1.2)
FORMATS = ("wav", "mp3")


def some_text() -> str:
    """One to three sentences, never twice the same: a cache must not answer for the engine."""
    sentences = random.choices(SENTENCES, k=random.choice((1, 1, 2, 3)))
    return f"第{random.randrange(1, 100_000)}号。" + "".join(sentences)


class Listener(FastHttpUser):  # type: ignore[misc] # mypy crashes on locust's annotations, so it does not read them
    """Waits one to three seconds between requests."""

    wait_time = between(1, 3)
    # Above the 15 s the server takes at most, so that its own answer is what counts.
    network_timeout = 30.0
    connection_timeout = 10.0

    def on_start(self) -> None:
        key = os.environ.get("VOXGATE_KEY", "").strip()
        self.headers = {"Authorization": f"Bearer {key}"} if key else {}

    @task  # type: ignore[untyped-decorator] # likewise
    def speak(self) -> None:
        body = {
            "text": some_text(),
            "speaker_id": random.choice(SPEAKERS),
            "speed": random.choice(SPEEDS),
            "format": random.choice(FORMATS),
        }
        with self.client.post("/api/tts", json=body, headers=self.headers, catch_response=True) as response:
            if response.status_code != 200:
                response.failure(f"status {response.status_code}")
            elif not response.content:
                response.failure("no audio")
            else:
                response.success()
