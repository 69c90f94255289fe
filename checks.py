"""`kenhdan check`: each part is tried; what is wrong is said with how to mend it.

A look says what it found, or raises StartError, StoreError or OSError.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import sqlalchemy as sa

from app import StartError, load_interpreter, load_province, open_rasa, read_staff_words
from core.media.store import FolderMediaStore, MediaStoreError
from core.settings import Settings
from core.storage import StoreError, open_store
from core.storage.schema import handoffs
from speech.opening import SpeechUnusable, check_recognizer, check_voice


def check(settings: Settings) -> int:
    """Try each part and print what was found; 1 when something is wrong, else 0."""
    problems = 0
    for name, look in _LOOKS.items():
        try:
            print(f"ok    {name}: {look(settings)}")
        except (StartError, StoreError, OSError) as error:
            problems += 1
            print(f"WRONG {name}: {error}")
    return 1 if problems else 0


def look_at_pack(settings: Settings) -> str:
    province = load_province(settings.province)
    pack = province.pack
    return f"{pack.name}: {len(pack.places.communes)} communes, {len(pack.categories)} categories"


def look_at_model(settings: Settings) -> str:
    load_interpreter(settings, load_province(settings.province))
    return str(settings.model)


def look_at_rasa(settings: Settings) -> str:
    province = load_province(settings.province)
    rasa = open_rasa(settings, province, province.plain)
    if rasa is None:
        return "off: the interpreter of this process understands (KENHDAN_RASA_URL asks Rasa first)"
    from nlu.rasa.client import RasaError

    async def look() -> str:
        try:
            return f"{settings.rasa_url} has the model {await rasa.model_file()}"
        finally:
            await rasa.close()

    try:
        return asyncio.run(look())
    except RasaError as error:
        raise StartError(
            f"{settings.rasa_url} {error}; until then the interpreter of this process stands in"
        ) from error


def look_at_database(settings: Settings) -> str:
    async def look() -> str:
        store = await open_store(settings.database_url, exclusive=False)
        try:
            people = sa.select(sa.func.count()).select_from(handoffs).where(handoffs.c.taken_at.is_(None))
            open_handoffs = await store.read(lambda conn: conn.execute(people).scalar_one())
        finally:
            await store.close()
        return f"reachable and up to date; {open_handoffs} citizens wait for a person"

    return asyncio.run(look())


def look_at_media(settings: Settings) -> str:
    try:
        FolderMediaStore(settings.media_dir)
    except MediaStoreError as error:
        raise StartError(f"{error}; set KENHDAN_MEDIA_DIR to a folder that can be written") from error
    return str(settings.media_dir)


def look_at_telegram(settings: Settings) -> str:
    if not settings.telegram_token:
        return "off (KENHDAN_TELEGRAM_TOKEN turns it on)"
    return f"{settings.telegram_mode} at {settings.telegram_api_base}"


def look_at_zalo(settings: Settings) -> str:
    from connectors.zalo.command import check as check_zalo

    try:
        return check_zalo(settings)
    except ValueError as error:
        raise StartError(str(error)) from error


def look_at_staff(settings: Settings) -> str:
    read_staff_words(settings)
    if not settings.telegram_staff_token:
        return (
            "off: NOBODY IS ALERTED to emergencies (KENHDAN_TELEGRAM_STAFF_TOKEN and"
            " KENHDAN_TELEGRAM_STAFF_CHAT turn it on)"
        )
    return f"duty officers' group, polling at {settings.telegram_api_base}"


def look_at_recognizer(settings: Settings) -> str:
    try:
        return check_recognizer(settings)
    except SpeechUnusable as error:
        raise StartError(str(error)) from error


def look_at_voice(settings: Settings) -> str:
    try:
        return check_voice(settings)
    except SpeechUnusable as error:
        raise StartError(str(error)) from error


_LOOKS: dict[str, Callable[[Settings], str]] = {
    "province pack": look_at_pack,
    "understanding": look_at_model,
    "rasa": look_at_rasa,
    "database": look_at_database,
    "media": look_at_media,
    "speech": look_at_recognizer,
    "voice": look_at_voice,
    "telegram": look_at_telegram,
    "zalo": look_at_zalo,
    "staff alerts": look_at_staff,
}
