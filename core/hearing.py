"""Hearing: everything a turn needs that takes I/O or time, done before it, outside any transaction.

Nothing here stops a report: what cannot be fetched, decoded, transcribed or understood is said to be so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
import structlog

from core.channel import Channel, ChannelError, MediaLost, RetryLater
from core.conversation.contrast import told_apart
from core.conversation.draft import Photo
from core.conversation.heard import Heard, Known, ReportBrief
from core.conversation.left_wrong import what_is_left
from core.conversation.reading import are_matters_apart, names_place, place_text
from core.conversation.several_matters import (
    are_for_two_agencies,
    counted_parts,
    parts_by_joint,
    parts_by_place,
)
from core.conversation.state import Conversation, context_of
from core.conversation.village_numbers import with_village_numbers
from core.intake import Claim
from core.media.images import PhotoLimits, PictureRefused, prepare_photo
from core.media.sniff import sniff
from core.media.store import MediaStore, MediaStoreError
from core.message import Address, Inbound, InboundKind, MediaRef, Point
from core.pack import Pack
from core.phrases import Phrases
from core.reports.briefs import named_reports, near_reports
from core.reports.records import keep_photo_row
from core.spans import find_ticket_codes
from core.speech import RecognitionFailed, Recognizer
from core.storage import Store
from core.text import MAX_TEXT, clean
from core.transcripts import keep_transcript
from core.understanding import Context, Interpreter, Understanding

FETCH_TRIES = (0.0, 1.0, 3.0)
"""Seconds to wait before each try to fetch a medium."""
VOICE_LIMIT = 20 * 1024 * 1024

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Hearing:
    """Turns the waiting events of a claim into what the talk hears."""

    store: Store
    channels: Mapping[str, Channel]
    interpreter: Interpreter
    fallback: Interpreter
    pack: Pack
    phrases: Phrases
    media: MediaStore
    recognizer: Recognizer | None = None
    limits: PhotoLimits = field(default_factory=PhotoLimits)
    decoding: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(2))

    async def hear(self, claim: Claim, now: datetime) -> tuple[list[Heard], Known]:
        """The events of the claim as heard, and the facts around them."""
        heard: list[Heard] = []
        context = context_of(claim.conversation)
        for waiting in claim.events:
            one = await self._hear_event(waiting.event, context, now)
            context = _context_after(context, one)
            heard.extend(await self._matters_of(one, claim.conversation, now))
        return heard, await self._know(claim, heard, now)

    async def _hear_event(self, event: Inbound, context: Context, now: datetime) -> Heard:
        text = clean(event.text)
        heard = Heard(event, text=text, cut=len(event.text.strip()) > MAX_TEXT)
        if event.voice is not None:
            heard = await self._listen(heard, event.voice, now)
        if event.photos:
            heard = await self._look(heard, now)
        if event.files:
            heard = replace(heard, files=tuple(ref.ref for ref in event.files))
        if heard.text and event.kind in (InboundKind.MESSAGE, InboundKind.EDIT) and event.choice is None:
            meant = self.pack.places.without_slips(heard.text)
            heard = replace(heard, text=with_village_numbers(meant, self.phrases))
            heard = replace(heard, understanding=await self._understand(heard.text, context))
            heard = replace(heard, place=self.pack.places.find(heard.text))
            contrast = told_apart(heard.text, self.phrases) if context is not Context.IDLE else None
            if contrast is not None and contrast.right:
                heard = replace(heard, right=await self._understand(contrast.right, Context.IDLE))
            wrong = what_is_left(heard.text, self.phrases)
            if wrong is not None:
                heard = replace(heard, left=await self._understand(wrong.left, Context.IDLE))
        point = event.point or next((photo.point for photo in heard.photos if photo.point), None)
        if point is not None:
            heard = replace(heard, spot=self.pack.places.at(point))
        return heard

    async def _understand(self, text: str, context: Context) -> Understanding:
        try:
            return await self.interpreter.interpret(text, context)
        except Exception:  # whatever a model does wrong, the rules still find danger, and the report goes on
            log.exception("interpreter_failed")
            return await self.fallback.interpret(text, context)

    async def _matters_of(self, heard: Heard, conversation: Conversation, now: datetime) -> list[Heard]:
        """What was heard, as two or more when the message surely tells of as many matters."""
        meaning, place = heard.understanding, heard.place
        begun = conversation.draft is not None and bool(conversation.draft.said)
        edited = heard.event.kind is not InboundKind.MESSAGE
        if begun or edited or meaning is None or place is None or meaning.danger or meaning.complaint:
            return [heard]
        counted = counted_parts(heard.text, self.phrases)
        words = counted or parts_by_place(heard.text, place.spans, self.phrases)
        parts = await self._parts(heard, words, share_place=bool(counted))
        if are_matters_apart(parts, self.phrases):
            return parts
        for halves in parts_by_joint(heard.text, self.phrases):
            parts = await self._parts(heard, halves, share_place=True)
            if are_for_two_agencies(parts, self.pack, self.phrases, now):
                return parts
        return [heard]

    async def _parts(self, heard: Heard, words: Sequence[str], *, share_place: bool) -> list[Heard]:
        """The parts as matters of their own; `share_place`: a place that only one of them names is that of
        all."""
        parts = [await self._part(heard, text, number) for number, text in enumerate(words) if text]
        where = [part for part in parts if names_place(part)]
        if not share_place or len(where) != 1:
            return parts
        told = place_text(where[0], self.phrases)
        return [
            part if names_place(part) else await self._part(heard, f"{part.text} ở {told}", number)
            for number, part in enumerate(parts)
        ]

    async def _part(self, heard: Heard, text: str, number: int) -> Heard:
        """Some words of the message as a matter of their own; its media belong to the first."""
        understanding = await self._understand(text, Context.IDLE)
        part = replace(heard, text=text, understanding=understanding, place=self.pack.places.find(text))
        if number == 0:
            return part
        first = heard.event
        event = Inbound(first.address, f"{first.event_id}#{number + 1}", first.sent_at, text=text)
        return Heard(
            event,
            text,
            transcribed=heard.transcribed,
            understanding=understanding,
            place=part.place,
            apart=True,
        )

    # -- media ----------------------------------------------------------------------------------------

    async def _look(self, heard: Heard, now: datetime) -> Heard:
        results = await asyncio.gather(
            *(self._photo(heard.event.address, ref, now) for ref in heard.event.photos)
        )
        photos = tuple(result for result in results if isinstance(result, Photo))
        lost = tuple(result for result in results if isinstance(result, str))
        return replace(heard, photos=photos, lost=lost)

    async def _photo(self, address: Address, ref: MediaRef, now: datetime) -> Photo | str:
        """The stored photo, or the reason code why there is none."""
        if ref.size is not None and ref.size > self.limits.max_bytes:
            return "too_big"
        data = await self._fetch(address, ref, self.limits.max_bytes)
        if data is None:
            return "unreachable"
        try:
            async with self.decoding:
                picture = await asyncio.to_thread(prepare_photo, data, limits=self.limits)
            media_id = await asyncio.to_thread(self.media.put, picture.data, ".jpg")
        except PictureRefused as refusal:
            log.info("photo_refused", reason=str(refusal.reason))
            return str(refusal.reason)
        except MediaStoreError:
            log.exception("media_store_failed")
            return "unreachable"
        await self.store.write(
            lambda conn: keep_photo_row(
                conn,
                {
                    "id": media_id, "kind": "photo", "mime": picture.mime, "size": len(picture.data),
                    "width": picture.width, "height": picture.height, "phash": picture.phash,
                    "taken_at": picture.taken_at, "lat": picture.point.lat if picture.point else None,
                    "lon": picture.point.lon if picture.point else None, "stored_at": now,
                },
            )
        )  # fmt: skip
        return Photo(media_id, picture.phash, picture.point)

    async def _listen(self, heard: Heard, ref: MediaRef, now: datetime) -> Heard:
        data = await self._fetch(heard.event.address, ref, VOICE_LIMIT)
        if not data:
            return replace(heard, lost=("empty" if data is not None else "unreachable",))
        kind = sniff(data)
        mime = kind.mime if kind is not None else (ref.mime or "application/octet-stream")
        try:
            media_id = await asyncio.to_thread(self.media.put, data, kind.suffix if kind is not None else "")
        except MediaStoreError:
            log.exception("media_store_failed")
            return replace(heard, lost=("unreachable",))
        row = {"id": media_id, "kind": "voice", "mime": mime, "size": len(data), "stored_at": now}
        await self.store.write(lambda conn: keep_photo_row(conn, row))
        heard = replace(heard, voice=media_id)
        if self.recognizer is None:
            return heard
        try:
            transcript = await self.recognizer.transcribe(data, mime)
        except RecognitionFailed:
            log.info("voice_not_recognised")
            return heard
        await self.store.write(lambda conn: keep_transcript(conn, media_id, transcript, now))
        text = clean(transcript.text)
        return replace(heard, text=text, transcribed=True) if text else heard

    async def _fetch(self, address: Address, ref: MediaRef, limit: int) -> bytes | None:
        """The bytes, after a few tries and at last of the thumbnail; None when they cannot be had."""
        channel = self.channels.get(address.channel)
        if channel is None:
            return None
        for pause in FETCH_TRIES:
            await asyncio.sleep(pause)
            try:
                return await channel.fetch(ref, limit)
            except RetryLater as error:
                log.info("media_retry", reason=str(error))
            except MediaLost as error:
                log.info("media_lost", reason=str(error))
                break
            except ChannelError as error:
                log.warning("media_refused", reason=str(error))
                break
        if ref.fallback is not None:
            return await self._fetch(address, replace(ref, ref=ref.fallback, fallback=None, size=None), limit)
        return None

    # -- facts ----------------------------------------------------------------------------------------

    async def _know(self, claim: Claim, heard: Sequence[Heard], now: datetime) -> Known:
        codes = {code for one in heard if one.understanding for code in one.understanding.ticket_codes}
        pressed = (one.event.choice or "" for one in heard)
        codes |= {value.removeprefix("status:") for value in pressed if value.startswith("status:")}
        links = (one.event.text for one in heard if one.event.kind is InboundKind.START)
        prefix = self.pack.code_prefix
        codes |= {found.value for link in links for found in find_ticket_codes(link, prefix)}
        point = _point_of(claim.conversation, heard)
        near: tuple[ReportBrief, ...] = ()
        named: dict[str, ReportBrief] = {}
        if codes or point is not None:

            def look_up(conn: sa.Connection) -> tuple[tuple[ReportBrief, ...], dict[str, ReportBrief]]:
                found = near_reports(conn, point, claim.address, now) if point is not None else ()
                return found, named_reports(conn, codes, claim.address)

            near, named = await self.store.read(look_up)
        return Known(self.pack, self.phrases, claim.consented, claim.own, near, named)


def _point_of(conversation: Conversation, heard: Sequence[Heard]) -> Point | None:
    for one in reversed(heard):
        if one.event.point is not None:
            return one.event.point
    for one in heard:
        for photo in one.photos:
            if photo.point is not None:
                return photo.point
    return conversation.draft.where.point if conversation.draft is not None else None


def _context_after(context: Context, heard: Heard) -> Context:
    """The context for the next event of the same burst."""
    if context is Context.IDLE and (heard.text or heard.photos or heard.event.point):
        return Context.PHOTO_SENT if heard.photos else Context.DRAFT_OPEN
    return Context.PHOTO_SENT if heard.photos and context is Context.DRAFT_OPEN else context


def trace_of(heard: Heard) -> dict[str, Any]:
    """One event for those who watch a turn (see `core/trace.py`)."""
    meaning, place = heard.understanding, heard.spot or heard.place
    return {
        "text": heard.text,
        "photos": len(heard.photos),
        "lost_photos": len(heard.lost),
        "point": {"lat": heard.event.point.lat, "lon": heard.event.point.lon} if heard.event.point else None,
        "transcript": heard.text if heard.transcribed else None,
        "choice": heard.event.choice,
        "understanding": None
        if meaning is None
        else {
            "intent": meaning.intent,
            "confidence": meaning.confidence,
            "categories": [[leaf, p] for leaf, p in meaning.categories[:5]],
            "place_text": meaning.place_text,
            "danger": meaning.danger,
            "on_behalf": meaning.on_behalf,
            "engine": meaning.engine,
        },
        "place": None
        if place is None
        else {
            "status": place.status,
            "code": place.unit.code if place.unit else None,
            "name": place.unit.full_name if place.unit else place.outside or None,
            "candidates": [{"code": unit.code, "name": unit.full_name} for unit in place.candidates],
        },
    }
