"""The Bot API through aiogram: what is sent and asked, with failures as ChannelErrors.

Importing this module imports aiogram (seconds): only `channel.py` does it, on first use, in a thread.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramNetworkError
from aiogram.methods import (
    AnswerCallbackQuery,
    DeleteWebhook,
    GetFile,
    GetMe,
    GetUpdates,
    Response,
    SendMediaGroup,
    SendMessage,
    SendPhoto,
    SetMyCommands,
    SetWebhook,
    TelegramMethod,
)
from aiogram.types import (
    BotCommand,
    BufferedInputFile,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    LinkPreviewOptions,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)
from aiohttp import ClientConnectorError, ClientError, ClientTimeout, ConnectionTimeoutError, InvalidURL

from bots.citizen.answers import decode_answer, error_of
from bots.citizen.rendering import Markup
from bots.citizen.settings import TelegramSettings
from bots.citizen.updates import ALLOWED_UPDATES
from core.channel import ChannelError, MediaLost, RetryLater, Uncertain
from core.clock import Clock

_NOTHING_SENT = (ClientConnectorError, ConnectionTimeoutError, InvalidURL)
_CONNECT_S = 10.0
_DOWNLOAD_S = 120.0
_CHUNK = 64 * 1024
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


class _Session(AiohttpSession):
    """aiogram's session without its reading of answers: results stay plain dicts (a field that a newer server
    adds or changes must not turn a message that was sent into a failure), refusals become ChannelErrors."""

    def __init__(self, api: TelegramAPIServer, timeout: ClientTimeout, clock: Clock) -> None:
        super().__init__(api=api, timeout=cast(float, timeout))  # handed on to aiohttp as it is
        self._clock = clock

    def check_response(
        self, bot: Bot, method: TelegramMethod[Any], status_code: int, content: str
    ) -> Response[Any]:
        result = decode_answer(status_code, content, self._clock.now())
        return Response[Any].model_construct(ok=True, result=result)


class TelegramApi:
    """The few methods that the citizens' bot calls. Every failure is a ChannelError; none names the token."""

    def __init__(self, settings: TelegramSettings, clock: Clock, timeout_s: float = 30.0) -> None:
        server = TelegramAPIServer(
            base=settings.api_base.rstrip("/") + "/bot{token}/{method}",
            file=settings.file_base.rstrip("/") + "/bot{token}/{path}",
        )
        self._settings = settings
        self._timeout_s = timeout_s
        self._clock = clock
        self._session = _Session(server, _timeout(timeout_s), clock)
        self._bot = Bot(settings.token, session=self._session)

    async def send_text(self, chat: str, text: str, markup: Markup | None) -> str:
        """Returns the message id. Raises Uncertain when no answer came back."""
        method = SendMessage(
            chat_id=chat, text=text, reply_markup=_markup(markup), link_preview_options=_NO_PREVIEW
        )
        return str((await self._call(method))["message_id"])

    async def send_photos(self, chat: str, photos: Sequence[bytes], caption: str) -> list[str]:
        """One photo, or an album of two to ten. Returns the message ids."""
        files = [BufferedInputFile(photo, filename=f"{n}.jpg") for n, photo in enumerate(photos, 1)]
        if len(files) == 1:
            sent = await self._call(SendPhoto(chat_id=chat, photo=files[0], caption=caption or None))
            return [str(sent["message_id"])]
        captions = [caption or None, *([None] * (len(files) - 1))]
        media = [InputMediaPhoto(media=f, caption=c) for f, c in zip(files, captions, strict=True)]
        album = await self._call(SendMediaGroup(chat_id=chat, media=cast(Any, media)))
        return [str(message["message_id"]) for message in album]

    async def answer_callback(self, query_id: str) -> None:
        await self._ask(AnswerCallbackQuery(callback_query_id=query_id))

    async def get_me(self) -> Mapping[str, Any]:
        return cast(Mapping[str, Any], await self._ask(GetMe()))

    async def set_commands(self, menu: Mapping[str, str]) -> None:
        """`menu`: command without slash → description."""
        commands = [BotCommand(command=name, description=words) for name, words in menu.items()]
        await self._ask(SetMyCommands(commands=commands))

    async def set_webhook(self, url: str, secret: str) -> None:
        await self._ask(
            SetWebhook(
                url=url, secret_token=secret, allowed_updates=list(ALLOWED_UPDATES), max_connections=40
            )
        )

    async def delete_webhook(self) -> None:
        """Waiting updates stay."""
        await self._ask(DeleteWebhook(drop_pending_updates=False))

    async def get_updates(self, offset: int | None, wait_s: int) -> list[Any]:
        """Raw updates from `offset` on, waiting up to `wait_s` seconds for the first."""
        method = GetUpdates(offset=offset, timeout=wait_s, limit=100, allowed_updates=list(ALLOWED_UPDATES))
        updates = await self._ask(method, timeout_s=wait_s + self._timeout_s)
        if not isinstance(updates, list):
            raise RetryLater("Telegram's updates are no list")
        return updates

    async def file_path(self, file_id: str) -> tuple[str, int | None]:
        """Where a file lies now and its announced size. Raises Rejected when it cannot be had."""
        found = await self._ask(GetFile(file_id=file_id))
        path, size = found.get("file_path"), found.get("file_size")
        if not isinstance(path, str) or not path:
            raise MediaLost("Telegram gave no path of the file")
        return path, int(size) if size is not None else None

    async def download(self, path: str, limit: int) -> bytes:
        """The bytes at a file path, at most `limit`. Raises MediaLost or RetryLater."""
        if path.startswith("/"):
            return _read_local(path, self._settings.local_files, limit)
        if ".." in path.split("/") or "://" in path or "?" in path or "#" in path:
            raise MediaLost("Telegram gave an odd path")
        session = await self._session.create_session()
        url = self._session.api.file_url(self._bot.token, path)
        try:
            async with session.get(url, timeout=_timeout(_DOWNLOAD_S), allow_redirects=False) as response:
                if response.status != 200:
                    raise _download_error(response.status, self._clock)
                return await _read_limited(response, limit)
        except TimeoutError:
            raise RetryLater("the download from Telegram timed out") from None
        except ClientError as error:
            raise RetryLater(f"the download from Telegram broke off: {type(error).__name__}") from None

    async def close(self) -> None:
        await self._session.close()

    async def _call(self, method: TelegramMethod[Any], timeout_s: float | None = None) -> Any:
        timeout = cast(int, _timeout(timeout_s)) if timeout_s else None  # handed on to aiohttp as it is
        try:
            return await self._bot(method, request_timeout=timeout)
        except TelegramNetworkError as error:
            cause = error.__cause__
            # Only the kind of failure, and no chain: aiohttp's own words may hold the address with the token.
            text = f"{method.__api_method__}: {type(cause).__name__}"
            if isinstance(cause, _NOTHING_SENT):
                raise RetryLater(text) from None
            raise Uncertain(text) from None

    async def _ask(self, method: TelegramMethod[Any], timeout_s: float | None = None) -> Any:
        """A call that may be repeated without harm: no answer is a reason to try again."""
        try:
            return await self._call(method, timeout_s)
        except Uncertain as error:
            raise RetryLater(str(error)) from error


def _timeout(total_s: float) -> ClientTimeout:
    """Connecting has its own, shorter limit, so that a time-out before anything was sent can be told."""
    connect = min(_CONNECT_S, total_s / 2)
    return ClientTimeout(total=total_s, connect=connect, sock_connect=connect)


def _markup(
    markup: Markup | None,
) -> InlineKeyboardMarkup | ReplyKeyboardMarkup | ReplyKeyboardRemove | None:
    if markup is None:
        return None
    if "inline_keyboard" in markup:
        return InlineKeyboardMarkup.model_validate(markup)
    if "keyboard" in markup:
        return ReplyKeyboardMarkup.model_validate(markup)
    return ReplyKeyboardRemove(remove_keyboard=True)


async def _read_limited(response: Any, limit: int) -> bytes:
    announced = response.content_length
    if announced is not None and announced > limit:
        raise MediaLost(f"too large: {announced} bytes, at most {limit}")
    data = bytearray()
    async for chunk in response.content.iter_chunked(_CHUNK):
        data += chunk
        if len(data) > limit:
            raise MediaLost(f"too large: more than {limit} bytes")
    if not data:
        raise MediaLost("empty")
    return bytes(data)


def _download_error(status: int, clock: Clock) -> ChannelError:
    if status == 429 or status >= 500:
        return RetryLater(f"Telegram {status}: download")
    if status == 401:
        return error_of(status, {"description": "download"}, clock.now())
    return MediaLost(f"gone: Telegram {status}")


def _read_local(path: str, root: Path | None, limit: int) -> bytes:
    """A file that a Bot API server with --local put on this machine's disk, below `root` only."""
    if root is None:
        raise MediaLost("Telegram gave a local path, but no folder of local files is set")
    try:
        file = Path(path).resolve(strict=True)
        if not file.is_relative_to(root.resolve()):
            raise MediaLost("not allowed: outside the folder of local files")
        size = file.stat().st_size
        if size > limit:
            raise MediaLost(f"too large: {size} bytes, at most {limit}")
        data = file.read_bytes()
    except OSError as error:
        raise MediaLost(f"gone: {error.strerror}") from error
    if not data:
        raise MediaLost("empty")
    return data
