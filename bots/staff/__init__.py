"""Telegram for duty officers. python-telegram-bot is imported only when a staff bot is set up."""
