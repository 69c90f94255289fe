"""Taking recordings in: fetched or found, the caller's side kept, and put to the talk as an unconfirmed call.

A recording is heard by the same recognizer and told to the same talk as everything else; then the talk is
told that the caller hung up. What comes out is a report that a person reviews, words and times at hand.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from connectors.hotline.caller import normalise_number
from connectors.hotline.desk import Accept
from connectors.hotline.recordings import queue
from connectors.hotline.recordings.channel import CHANNEL
from connectors.hotline.recordings.download import LIMIT, Downloader
from connectors.hotline.recordings.proof import download_headers
from connectors.hotline.recordings.providers import Providers, RecordedCall, Side
from core.channel import MediaLost, RetryLater
from core.clock import Clock
from core.media.sniff import sniff
from core.media.store import MediaStore, MediaStoreError
from core.message import Address, Contact, Inbound, InboundKind, MediaKind, MediaRef
from core.storage import Store, StoreError
from speech.audio import BadAudio, read_audio
from speech.telephone import as_wav

POLL_S = 5.0
LEASE = timedelta(minutes=5)
STILL_S = 10.0
"""A file that has not grown for so long is finished."""
FOLDER = "folder"
_SOUND = frozenset({".wav", ".mp3", ".m4a", ".mp4", ".ogg", ".opus", ".amr", ".awb", ".aac", ".gsm"})

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class RecordingIntake:
    """Fetches what waits in the queue and watches the folder. `secrets` are the providers', by name."""

    store: Store
    accept: Accept
    media: MediaStore
    clock: Clock
    providers: Providers
    downloader: Downloader
    secrets: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            try:
                busy = await self.work_once()
            except StoreError:
                log.exception("recordings_not_readable")
                busy = 0
            if not busy:
                await asyncio.sleep(POLL_S)

    async def work_once(self) -> int:
        """Everything that is due now; how many recordings there were."""
        now = self.clock.now()
        waiting = await self.store.write(lambda conn: queue.due(conn, now, LEASE))
        for one in waiting:
            await self._fetch(one)
        return len(waiting) + await self._look_into_folder()

    async def _fetch(self, waiting: queue.Waiting) -> None:
        now = self.clock.now()
        provider = self.providers.by_name.get(waiting.call.provider)
        if provider is None:
            gone = "the provider is not in call_providers.yml any more"
            await self.store.write(lambda conn: queue.failed(conn, waiting, gone, now, for_good=True))
            return
        try:
            headers = download_headers(
                provider.download, self.secrets, int(now.timestamp()), waiting.call.call_id
            )
            data = await self.downloader.fetch(waiting.call.url, provider.hosts, headers)
            media_id = await self._take(waiting.call, data, provider.caller_side)
        except RetryLater as error:
            reason = str(error)
            await self.store.write(lambda conn: queue.failed(conn, waiting, reason, now, for_good=False))
        except (MediaLost, BadAudio) as error:
            reason = str(error)
            log.warning("recording_lost", provider=waiting.call.provider, reason=reason)
            await self.store.write(lambda conn: queue.failed(conn, waiting, reason, now, for_good=True))
        except MediaStoreError:
            log.exception("recording_not_kept")  # it is due again when the lease is over
        else:
            await self.store.write(lambda conn: queue.taken(conn, waiting, media_id))

    async def _take(self, call: RecordedCall, data: bytes, side: Side) -> str:
        """Keep the sound, then tell the talk. Raises MediaLost, BadAudio, MediaStoreError, StoreError."""
        sound, suffix = await asyncio.to_thread(callers_side, data, side)
        media_id = await asyncio.to_thread(self.media.put, sound, suffix)
        await self.accept(list(events_of(call, media_id, self.clock.now())))
        return media_id

    # -- the folder -----------------------------------------------------------------------------------

    async def _look_into_folder(self) -> int:
        if self.folder is None:
            return 0
        found = await asyncio.to_thread(self._finished_files, self.folder)
        for path in found:
            await self._take_file(path)
        return len(found)

    def _finished_files(self, folder: Path) -> list[Path]:
        now = self.clock.now().timestamp()
        found = []
        for path in sorted(folder.iterdir()) if folder.is_dir() else []:
            if path.suffix.lower() in _SOUND and path.is_file() and not path.is_symlink():
                state = path.stat()
                if now - state.st_mtime >= STILL_S and state.st_size:
                    found.append(path)
        return found

    async def _take_file(self, path: Path) -> None:
        call = self._call_of_name(path.stem)
        try:
            data = await asyncio.to_thread(_read, path)
            await self._take(call, data, self.providers.folder_side)
        except (MediaLost, BadAudio) as error:
            log.warning("file_is_no_recording", reason=str(error))
            await asyncio.to_thread(_move, path, "refused")
        except (OSError, MediaStoreError, StoreError):
            log.exception("file_not_taken")  # it stays, and is looked at again
        else:
            await asyncio.to_thread(_move, path, "taken")

    def _call_of_name(self, name: str) -> RecordedCall:
        for pattern in self.providers.names:
            match = pattern.fullmatch(name)
            if match is not None:
                groups = match.groupdict()
                return RecordedCall(
                    FOLDER, groups.get("id") or name, normalise_number(groups.get("caller") or ""), ""
                )
        return RecordedCall(FOLDER, name, "", "")


def events_of(call: RecordedCall, media_id: str, now: datetime) -> tuple[Inbound, ...]:
    """A recorded call as the talk hears it: what was said, and the end with the recording beside it. Always
    the same for the same call, so telling it twice is telling it once."""
    address = Address(CHANNEL, call.caller or f"anonymous:{call.provider}:{call.call_id}"[:200])
    key, at = f"{call.provider}:{call.call_id}", call.started_at or now
    contact = Contact(call.caller) if call.caller else None
    voice = MediaRef(MediaKind.VOICE, media_id)
    return (
        Inbound(address, f"{key}:voice", at, voice=voice, contact=contact),
        Inbound(
            address,
            f"{key}:end",
            at + timedelta(microseconds=1),
            kind=InboundKind.HUNG_UP,
            files=(voice,),
            contact=contact,
        ),
    )


def callers_side(data: bytes, side: Side) -> tuple[bytes, str]:
    """The sound to keep and its suffix: as it came, or the caller's channel of two. Raises MediaLost,
    BadAudio."""
    kind = sniff(data)
    if kind is None or not (kind.is_audio or kind.mime == "video/mp4"):
        raise MediaLost("what came is no sound")
    if side == "both":
        return data, kind.suffix
    return as_wav(read_audio(data, side)), ".wav"


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        data = file.read(LIMIT + 1)
    if len(data) > LIMIT:
        raise MediaLost(f"more than {LIMIT} bytes")
    return data


def _move(path: Path, where: str) -> None:
    target = path.parent / where
    target.mkdir(exist_ok=True)
    path.rename(target / path.name)
