"""Telegram: the bot of the citizens and the bot of the staff."""
