"""Trains Voxgate's starter voices. Not used by the platform itself; see README.md in this folder."""
