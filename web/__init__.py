"""The web room: one ASGI app for the channels' webhooks, the pages and the simulator."""
