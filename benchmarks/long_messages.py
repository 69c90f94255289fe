"""How long one message may hold all other talks: turns on the longest texts a channel lets through.

    python -m benchmarks.long_messages

A turn is decided on the event loop, so what one takes all others wait for; Zalo wants its answer within 2 s.
Each text is told four times in one talk (as the first word, as an answer, after the summary, after filing);
printed is the slowest of its turns, hearing and storage left out.
"""

from __future__ import annotations

import asyncio
import sys
import time
from typing import Any
from unittest.mock import patch

from app import load_interpreter, load_province
from core.conversation.turn import take_turn
from core.rehearsal import Rehearsal
from core.settings import Settings

_LONGEST = 4_000
_TEXTS = {
    "a place in every sentence": "Đường hỏng ở xã Cẩm Bình. ",
    "prose with places": "Con đường từ thôn 3 xã Cẩm Bình qua chợ Hội đến cầu Rác xã Kỳ Hoa bị hỏng nặng, "
    "gần trường tiểu học Sơn Lễ có ổ gà to, nhiều người ngã. ",
    "one word": "rác ",
    "in capitals": "THÔN 3 XÃ CẨM BÌNH ĐƯỜNG HỎNG ",
    "danger and corrections": "cháy nhà xã Kỳ Hoa, không phải, thôn 4 xã Can Lộc báo hộ bà Lan ",
    "phones and codes": "0900 000 001 HT-2611-00001 ",
    "head words": "thôn ",
}


def turns_of(rehearsal: Rehearsal, text: str) -> list[float]:
    """Milliseconds of each turn of a talk in which `text` is said four times."""
    spent: list[float] = []

    def timed(*arguments: Any) -> Any:
        started = time.perf_counter()
        turn = take_turn(*arguments)
        spent.append(1000 * (time.perf_counter() - started))
        return turn

    said = [{"type": "text", "text": words} for words in (text, text, "1", text)]
    with patch("core.worker.take_turn", timed):
        asyncio.run(rehearsal.play({"channel": "telegram", "turns": said}))
    return spent


def main() -> int:
    settings = Settings()
    province = load_province(settings.province)
    interpreter = load_interpreter(settings, province)
    rehearsal = Rehearsal(province.pack, province.phrases, interpreter, province.plain)
    for name, text in _TEXTS.items():
        for length in (1_000, 2_000, _LONGEST):
            whole = (text * (length // len(text) + 1))[:length]
            sys.stdout.write(
                f"{name:>26}  {length:5,} characters  {max(turns_of(rehearsal, whole)):6.0f} ms\n"
            )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
