"""espeak-ng, the fallback that always speaks and the phonemiser of the neural voices, in a process of its own.

The library is not thread-safe, ends its process on some plain texts and remembers settings between calls, so no
worker ever loads it: `EspeakProcess` talks over pipes to a server that forks once per request.
"""
