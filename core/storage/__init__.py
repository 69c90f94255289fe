"""Storage: tables, and a store that runs units of work on SQLite or PostgreSQL."""

from core.storage.store import Store, StoreError, open_store

__all__ = ["Store", "StoreError", "open_store"]
