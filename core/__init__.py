"""The heart of Kênh Dân: messages, conversation, reports, places, routing, storage, intake, delivery.

Knows no channel, no web framework and no vendor's SDK; the rooms above import it, never the other way.
"""
