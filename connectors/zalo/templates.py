"""ZBS templates: what may still be said after seven days, and to phone numbers that never wrote on Zalo.

The templates are approved by Zalo with two parameters of ours: the words, and the report's code.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any

from connectors.zalo.api import ZaloApi
from connectors.zalo.attachments import international_phone
from connectors.zalo.settings import PHONE_CHANNEL, ZaloSettings
from core.channel import MediaLost, Rejected, WindowClosed
from core.message import Address, Inbound, MediaRef, Outbound, Receipt

MOST_WORDS = 400
NO_CODE = "-"
_CODE = re.compile(r"\b[A-Z]{1,6}-\d{4}-\d{4,8}\b")


class Templates:
    """Sends an answer as a template, by user id or by phone."""

    def __init__(self, settings: ZaloSettings, api: ZaloApi) -> None:
        self._settings = settings
        self._api = api

    async def to_user(self, user: str, message: Outbound) -> Receipt:
        """Raises WindowClosed when there is no template, else what the API raises."""
        template = self._settings.template
        if not template:
            raise WindowClosed("seven days have passed, and no template is set (KENHDAN_ZALO_TEMPLATE)")
        return _receipt(await self._api.send_template(user, template, self._data(message)))

    async def to_phone(self, phone: str, message: Outbound) -> Receipt:
        """Raises Rejected without a template or for what is no phone number, else what the API raises."""
        template = self._settings.phone_template
        if not template:
            raise Rejected("no template for phones is set (KENHDAN_ZALO_PHONE_TEMPLATE)")
        try:
            number = international_phone(phone)
        except ValueError as error:
            raise Rejected(str(error)) from None
        data = self._data(message)
        tracking = hashlib.sha256(f"{number}\n{message.turn}\n{message.text}".encode()).hexdigest()[:40]
        return _receipt(await self._api.send_template_to_phone(number, template, data, tracking))

    def _data(self, message: Outbound) -> dict[str, str]:
        words = " ".join(message.text.split())[:MOST_WORDS]
        code = _CODE.search(message.text)
        return {
            self._settings.template_words: words,
            self._settings.template_code: code.group() if code else NO_CODE,
        }


class PhoneChannel:
    """A core.channel.Channel for answers to phone numbers, a hotline caller's receipt for instance.
    An address' user is the phone number, 0900… or 84900…; nothing ever comes in by it."""

    name = PHONE_CHANNEL

    def __init__(self, templates: Templates) -> None:
        self._templates = templates

    def parse(self, raw: Any) -> list[Inbound]:
        return []

    async def send(self, address: Address, message: Outbound) -> Receipt:
        return await self._templates.to_phone(address.user, message)

    async def fetch(self, ref: MediaRef, limit: int) -> bytes:
        raise MediaLost("nothing comes in by phone number")


def _receipt(message_id: str) -> Receipt:
    return Receipt((message_id,) if message_id else ())
