"""Who calls: the number in one form, never taken for an identity."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_SUPPRESSED = frozenset(range(32, 36)) | {67}
"""Values of callingpres with which the number may not be shown or is not there."""
_COUNTRY = re.compile(r"^(?:\+|00)?84(?=[1-9])")


@dataclass(frozen=True, slots=True)
class Caller:
    """`number` is 0xxxxxxxxx, or empty when it is not known. `dialled` is the number that was called,
    `call_id` what the telephone system calls the call."""

    number: str
    dialled: str = ""
    call_id: str = ""

    @property
    def is_mobile(self) -> bool:
        return bool(re.fullmatch(r"0[35789]\d{8}", self.number))


def normalise_number(raw: str) -> str:
    """0912345678 from 0912…, 84912…, +84912…; landlines alike. Empty for anything that is no such number."""
    digits = re.sub(r"[\s.\-()]", "", raw)
    digits = _COUNTRY.sub("0", digits)
    if re.fullmatch(r"[35789]\d{8}", digits):  # some trunks drop the leading nought
        digits = f"0{digits}"
    return digits if re.fullmatch(r"0[35789]\d{8}|02\d{8,9}", digits) else ""


def read_caller(variables: Mapping[str, str]) -> Caller:
    """The caller in AGI's variables (without the prefix `agi_`). A call can be anonymous although
    callingpres says 0: both are looked at."""
    presentation = variables.get("callingpres", "0")
    suppressed = presentation.isdigit() and int(presentation) in _SUPPRESSED
    number = "" if suppressed else normalise_number(variables.get("callerid", ""))
    return Caller(number, variables.get("dnid", ""), variables.get("uniqueid", ""))
