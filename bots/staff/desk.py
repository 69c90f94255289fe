"""What officers do in their group: take, see the phone, close, and answer by replying.

All of it may be done twice without harm: an update that failed halfway is done again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog
from telegram import CallbackQuery, Message, Update
from telegram.error import BadRequest, Forbidden, TelegramError

from bots.staff.cards import Cards
from bots.staff.group import Group
from core.clock import Clock
from core.reports import announcements, handoffs
from core.reports.handoffs import Handoff
from core.storage import Store
from core.text import clean

log = structlog.get_logger(__name__)

ALERT = 200
"""Characters that Telegram shows to somebody who pressed a button."""


class Desk:
    """`woken` is called when something was put into the inbox and the outbox."""

    def __init__(
        self, store: Store, group: Group, cards: Cards, clock: Clock, woken: Callable[[], None]
    ) -> None:
        self._store = store
        self._group = group
        self._cards = cards
        self._clock = clock
        self._woken = woken

    # -- buttons

    async def on_press(self, update: Update, context: Any) -> None:
        """A button under a post of ours; presses from elsewhere are ignored."""
        query = update.callback_query
        if query is None or query.message is None or query.message.chat.id != self._group.chat:
            return
        action, _, number = (query.data or "").partition(":")
        doing = {"take": self._take, "phone": self._phone, "done": self._done}.get(action)
        if doing is None or not number.isdecimal():
            return
        refusal = await self._refusal(query.from_user.id)
        if refusal:
            await self._alert(query, refusal)
            return
        await doing(query, int(number), name_of(query.from_user.full_name, query.from_user.id))

    async def _take(self, query: CallbackQuery, number: int, who: str) -> None:
        now = self._clock.now()
        mine = await self._store.write(lambda conn: handoffs.take(conn, number, who, now))
        handoff = await self._show(number)
        if handoff is None:
            await self._alert(query, "gone")
        elif mine:
            await self._alert(query, "you_took", loud=False)
        elif handoff.closed_at is not None:
            await self._alert(query, "closed")
        elif handoff.taken_by == who:
            await self._alert(query, "yours", loud=False)
        else:
            time = self._cards.time(handoff.taken_at or now)
            await self._alert(query, "taken", who=self._cards.taker(handoff), time=time)

    async def _phone(self, query: CallbackQuery, number: int, who: str) -> None:
        now = self._clock.now()
        phones = await self._store.write(lambda conn: handoffs.see_phones(conn, number, who, now))
        log.info("staff.phone_seen", handoff=number, found=len(phones))
        if phones:
            await self._alert(query, "phone", phones=", ".join(phones[:5]))
        else:
            await self._alert(query, "no_phone")

    async def _done(self, query: CallbackQuery, number: int, who: str) -> None:
        now = self._clock.now()
        await self._store.write(lambda conn: handoffs.close(conn, number, who, now))
        handoff = await self._show(number)
        await self._alert(query, "gone" if handoff is None else "done", loud=False)

    async def _alert(self, query: CallbackQuery, key: str, *, loud: bool = True, **fields: object) -> None:
        """Words for the one who pressed, seen by nobody else."""
        text = self._cards.words.get("alerts", key, **fields)[:ALERT]
        try:
            await query.answer(text, show_alert=loud)
        except BadRequest as error:  # too old a press: Telegram shows nothing any more
            log.info("staff.press_too_old", error=error.message)

    async def _refusal(self, user: int) -> str | None:
        """Why this user may do nothing here; None when they may."""
        try:
            return None if await self._group.has_member(user) else "not_member"
        except (BadRequest, Forbidden) as error:
            if "not found" in error.message.lower():
                return "not_member"
            log.warning("staff.member_not_checked", error=error.message)
            return "cannot_check"

    async def _show(self, number: int) -> Handoff | None:
        """Bring the posts of a handoff to what it is now."""
        handoff = await self._store.read(lambda conn: handoffs.read_handoff(conn, number))
        if handoff is None or handoff.is_erased:
            return handoff
        posts = await self._store.read(lambda conn: announcements.posts_of(conn, number))
        for post in posts:
            if post.card:
                text, buttons = self._cards.standing(handoff), self._cards.buttons(handoff)
                await self._group.edit(post, text, buttons)
        return handoff

    # -- replies

    async def on_reply(self, update: Update, context: Any) -> None:
        """A reply in the group. To a post: the words go to the citizen. To anything else: officers' talk."""
        message = update.effective_message
        if message is None or message.chat.id != self._group.chat or message.reply_to_message is None:
            return
        to = message.reply_to_message
        number = await self._store.read(
            lambda conn: announcements.handoff_of_post(conn, message.chat.id, to.message_id)
        )
        if number is None:
            if to.from_user is None or to.from_user.id != self._group.bot.id:
                return
            number = _number_on(to)  # a post that we had no time to mark
        problem = await self._problem(message, number, edited=update.edited_message is not None)
        if problem is None and number is not None:
            problem = await self._answer(message, number)
        await self._respond(message, problem or "sent", number)

    async def give_up(self, update: Update) -> None:
        """Something of ours is broken: say so below an officer's words, as they went nowhere."""
        message = update.effective_message
        if update.callback_query is None and message is not None and message.chat.id == self._group.chat:
            await self._respond(message, "failed", None)

    async def _problem(self, message: Message, number: int | None, *, edited: bool) -> str | None:
        """Why the words go nowhere; None when they may go."""
        if number is None:
            return "unknown"
        if edited:
            return "edited"
        if message.sender_chat is not None and message.sender_chat.id != message.chat.id:
            return "not_member"
        if message.sender_chat is None:
            if message.from_user is None:
                return "not_member"
            refusal = await self._refusal(message.from_user.id)
            if refusal is not None:
                return refusal
        return None if clean(message.text or "") else "text_only"

    async def _answer(self, message: Message, number: int) -> str | None:
        handoff = await self._store.read(lambda conn: handoffs.read_handoff(conn, number))
        if handoff is None or handoff.is_erased:
            return "erased"
        if not self._cards.can_write(handoff.address.channel):
            return "unreachable"
        words = clean(message.text or "")
        shown = self._cards.words.get("citizen", "reply", words=words)
        key, who, now = f"{message.chat.id}:{message.message_id}", _writer(message), self._clock.now()
        await self._store.write(
            lambda conn: handoffs.answer(conn, handoff, who, key=key, words=words, shown=shown, now=now)
        )
        self._woken()
        log.info("staff.answered", handoff=number)
        await self._show(number)
        return None

    async def _respond(self, message: Message, key: str, number: int | None) -> None:
        """A receipt below the officer's message: it went out, or why not."""
        words = self._cards.words
        if key in ("not_member", "cannot_check"):
            text = words.get("alerts", key)
        elif key == "unreachable" and number is not None:
            handoff = await self._store.read(lambda conn: handoffs.read_handoff(conn, number))
            text = words.get("answers", key, channel=self._cards.channel(handoff) if handoff else "")
        else:
            text = words.get("answers", key)
        try:
            await self._group.post(text, loud=False, reply_to=message.message_id)
        except TelegramError as error:
            # the words are on their way, and the post shows it: a receipt is not worth doing it all again
            log.warning("staff.no_receipt", kind=type(error).__name__)


def _number_on(post: Message) -> int | None:
    """The number on a post's buttons."""
    rows = post.reply_markup.inline_keyboard if post.reply_markup is not None else ()
    numbers = [str(button.callback_data).partition(":")[2] for row in rows for button in row]
    return int(numbers[0]) if numbers and numbers[0].isdecimal() else None


def name_of(name: str, user: int) -> str:
    """An officer as the history knows them."""
    return f"{clean(name, 80)} (tg:{user})"


def _writer(message: Message) -> str:
    if message.sender_chat is not None:  # an administrator who writes in the group's name
        return name_of(message.author_signature or message.sender_chat.title or "", message.sender_chat.id)
    user = message.from_user
    return name_of(user.full_name, user.id) if user is not None else ""
