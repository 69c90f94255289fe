"""What a refusal of Zalo's means, by the host that gave it and its code: the same code differs between hosts.

Errors come with HTTP 200; success is `error == 0` alone.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from core.channel import (
    Blocked,
    ChannelError,
    CredentialsRefused,
    RateLimited,
    Rejected,
    RetryLater,
    WindowClosed,
)

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
"""Zalo's night and its daily limits are Vietnam's."""
MORNING = time(6, 0)


class Host(StrEnum):
    """OA: messages, uploads, users. BUSINESS: templates by phone."""

    OA = "openapi"
    BUSINESS = "business"


class TokenRefused(CredentialsRefused):
    """The access token is over or replaced: renewed and tried again, once."""


class AssetExpired(Rejected):
    """An uploaded picture is no longer there: uploaded anew, once."""


class TooFast(RateLimited):
    """We call more often than Zalo allows: nobody calls for a moment."""


class NeedsMoney(RateLimited):
    """No cloud account, or nothing in it: billed messages wait, somebody must pay."""


class QuotaSpent(RateLimited):
    """The feature's quota is used up."""


Make = Callable[[str, datetime], ChannelError]


def _plainly(kind: type[ChannelError]) -> Make:
    return lambda text, now: kind(text)


def _waiting(kind: type[RateLimited], pause: timedelta) -> Make:
    return lambda text, now: kind(text, now + pause)


def _soon(text: str, now: datetime) -> ChannelError:
    # with jitter, so that processes do not come back together
    return TooFast(text, now + timedelta(seconds=random.uniform(1.0, 4.0)))


def _in_the_morning(text: str, now: datetime) -> ChannelError:
    local = now.astimezone(VIETNAM)
    morning = datetime.combine(local.date(), MORNING, VIETNAM)
    if morning <= local:
        morning += timedelta(days=1)
    return RateLimited(text, morning)


def _tomorrow(text: str, now: datetime) -> ChannelError:
    local = now.astimezone(VIETNAM)
    return RateLimited(text, datetime.combine(local.date() + timedelta(days=1), MORNING, VIETNAM))


_HOUR, _DAY = timedelta(hours=1), timedelta(hours=24)
_retry, _reject, _block = _plainly(RetryLater), _plainly(Rejected), _plainly(Blocked)
_closed, _admin, _token = _plainly(WindowClosed), _plainly(CredentialsRefused), _plainly(TokenRefused)

_OA: dict[int, Make] = {
    -32: _soon,
    -100: _plainly(AssetExpired),
    -124: _token,
    -200: _retry,
    -201: _reject,
    -204: _admin,  # the account is disabled
    -205: _admin,
    -209: _admin,  # the app is not active
    -210: _reject,
    -211: _waiting(QuotaSpent, _HOUR),
    -212: _admin,
    -213: _block,  # the citizen does not follow us
    -216: _token,
    -217: _block,
    -218: _waiting(RateLimited, _DAY),  # too many messages to this citizen
    -219: _admin,
    -220: _token,
    -221: _admin,
    -223: _admin,
    -224: _admin,
    -227: _block,  # banned, or not seen on Zalo for 45 days
    -230: _closed,
    -231: _closed,
    -232: _closed,
    -233: _reject,
    -234: _in_the_morning,
    -235: _reject,
    -237: _reject,
    -238: _reject,
    -240: _reject,
    -241: _reject,
    -242: _admin,  # a wrong appsecret_proof
    -244: _block,
    -248: _reject,  # content policy
    -249: _reject,  # this template is not for user ids
    -320: _waiting(NeedsMoney, _HOUR),
    -321: _waiting(NeedsMoney, _HOUR),
    -403: _reject,
}

_BUSINESS: dict[int, Make] = {
    -32: _soon,
    -108: _reject,  # no such phone number
    -114: _block,
    -115: _waiting(NeedsMoney, _HOUR),
    -117: _admin,
    -118: _block,
    -119: _block,
    -124: _token,
    -131: _admin,  # the template is not approved
    -133: _in_the_morning,
    -135: _admin,
    -139: _block,
    -141: _block,
    -144: _tomorrow,
    -147: _tomorrow,
    -216: _block,  # here, and only here: the citizen blocked us
    -1121: _reject,
    -1122: _reject,
    -1124: _reject,
}

_TABLES = {Host.OA: _OA, Host.BUSINESS: _BUSINESS}


def too_fast(host: Host, now: datetime) -> ChannelError:
    """HTTP 429, whatever its body says."""
    return _soon(f"Zalo {host}: HTTP 429", now)


def error_of(host: Host, code: int, said: str, now: datetime) -> ChannelError:
    """The channel error of a refusal; `said` is Zalo's own text, kept for the operator.

    Text that speaks of the access token wins over the code. A code that is in no table is tried again, a
    limited number of times, and ends where a person sees it.
    """
    text = f"Zalo {host} {code}: {said or 'no text'}"[:300]
    folded = said.lower()
    if "access token" in folded or "access_token" in folded:
        return TokenRefused(text)
    return _TABLES[host].get(code, _retry)(text, now)
