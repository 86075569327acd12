"""`make run`: everything Voxgate needs, started in order, watched, and stopped in order.

Nothing here imports Django; the standard library and the Redis client are enough.
"""
