"""Headers of answers that browsers of other origins may read (CORS)."""

EXPOSED_HEADERS = (
    "X-Request-ID",
    "X-Voxgate-Engine",
    "X-Voxgate-Voice",
    "X-Voxgate-Fallback",
    "X-Voxgate-Cache",
    "X-Voxgate-Audio-Seconds",
    "X-Voxgate-Synthesis-Seconds",
    "X-Voxgate-Characters",
    "Content-Location",
    "Content-Disposition",
    "Retry-After",
    "RateLimit",
    "RateLimit-Policy",
    "X-RateLimit-Limit",
    "X-RateLimit-Remaining",
    "X-RateLimit-Reset",
    "Current-Concurrent-Requests",
    "Maximum-Concurrent-Requests",
    "Idempotent-Replayed",
)
