"""`kenhdan speech prompts`: the hotline's fixed prompts are spoken at set-up, so that no caller waits."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence

from connectors.hotline.prompt_list import fixed_prompts, open_prompts
from connectors.hotline.wording import WordingError, load_wording
from core.pack import Pack
from core.phrases import Phrases
from core.settings import Settings
from speech.opening import SpeechUnusable, check_voice


def run_prompts(settings: Settings, pack: Pack, phrases: Phrases, arguments: Sequence[str]) -> int:
    """Speak what is missing, remove what is old, and say how many there are of each; 1 when some prompt has
    neither a recording nor a voice. `--list` writes the prompts instead: key, tab, text."""
    parser = argparse.ArgumentParser("kenhdan speech prompts", description="speak the fixed prompts")
    parser.add_argument(
        "--list", action="store_true", help="the prompts' texts, as a studio records them (<key>.wav)"
    )
    options = parser.parse_args(arguments)
    try:
        prompts = fixed_prompts(phrases, load_wording(pack.folder), pack.folder)
        by_whom = check_voice(settings)
    except (WordingError, SpeechUnusable) as error:
        sys.stderr.write(f"kenhdan: {error}\n")
        return 1
    if options.list:
        sys.stdout.writelines(f"{key}\t{' '.join(text.split())}\n" for key, text in prompts.items())
        return 0
    done = asyncio.run(open_prompts(settings, pack, prompts).prepare())
    sys.stdout.write(
        f"{done.recorded} recorded, {done.spoken} spoken now, {done.there} already there, "
        f"{done.removed} old ones removed ({by_whom})\n"
    )
    for text, reason in done.failed:
        sys.stderr.write(f"kenhdan: not spoken: {text}: {reason}\n")
    return 1 if done.failed else 0
