"""Doors to other people's platforms."""
