"""Telegram for citizens. aiogram is imported on first use only: it takes seconds and 170 MB."""
