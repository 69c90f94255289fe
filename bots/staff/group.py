"""The officers' group: posting, editing, and who belongs to it."""

from __future__ import annotations

import structlog
from telegram import (
    Bot,
    ChatMember,
    ChatMemberRestricted,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    Message,
    ReplyParameters,
)
from telegram.error import BadRequest, ChatMigrated

from bots.staff.cards import Buttons
from core.reports.announcements import PostRef

log = structlog.get_logger(__name__)

_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
_INSIDE = (ChatMember.OWNER, ChatMember.ADMINISTRATOR, ChatMember.MEMBER)


class Group:
    """One chat, through one bot. `chat` changes when Telegram makes the group a supergroup."""

    def __init__(self, bot: Bot, chat: int) -> None:
        self.bot = bot
        self.chat = chat

    async def post(
        self, text: str, buttons: Buttons = (), *, loud: bool = True, reply_to: int | None = None
    ) -> int:
        """Returns the message's id. Raises TelegramError."""
        try:
            return (await self._send(text, buttons, loud, reply_to)).message_id
        except ChatMigrated as moved:
            # the group's old id works no more, and Telegram says so at every start
            log.warning("staff.group_has_a_new_id", mend="set KENHDAN_TELEGRAM_STAFF_CHAT to the new id")
            self.chat = moved.new_chat_id
            return (await self._send(text, buttons, loud, None)).message_id

    async def _send(self, text: str, buttons: Buttons, loud: bool, reply_to: int | None) -> Message:
        reply = ReplyParameters(reply_to, allow_sending_without_reply=True) if reply_to else None
        return await self.bot.send_message(
            self.chat,
            text,
            reply_markup=_keyboard(buttons),
            disable_notification=not loud,
            link_preview_options=_NO_PREVIEW,
            reply_parameters=reply,
        )

    async def edit(self, post: PostRef, text: str, buttons: Buttons = ()) -> None:
        """The post reads otherwise; one that is gone or reads so already is left. Raises other failures."""
        try:
            await self.bot.edit_message_text(
                text, chat_id=post.chat, message_id=post.message, reply_markup=_keyboard(buttons),
                link_preview_options=_NO_PREVIEW,
            )  # fmt: skip
        except BadRequest as error:
            if "not modified" not in error.message:
                log.warning("staff.post_not_edited", error=error.message)

    async def has_member(self, user: int) -> bool:
        """Whether the user belongs to the group now. Raises TelegramError when that cannot be told."""
        member = await self.bot.get_chat_member(self.chat, user)
        if isinstance(member, ChatMemberRestricted):
            return member.is_member
        return member.status in _INSIDE


def _keyboard(buttons: Buttons) -> InlineKeyboardMarkup | None:
    if not buttons:
        return None
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(label, callback_data=does) for label, does in buttons]]
    )
