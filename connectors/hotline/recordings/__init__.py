"""Finished recordings: announced by a webhook or found in a folder, fetched, filed for a review."""
