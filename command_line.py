"""The command `kenhdan`: its parts by name, and JSON lines in, JSON lines out."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from app import StartError, load_interpreter, load_province, open_rasa
from checks import check
from core.clock import WallClock
from core.logging import set_up_logging
from core.settings import Settings, SettingsError, read_settings, settings_table
from core.storage import Store, StoreError, open_store
from core.understanding import Interpreter
from serving import serve


def json_lines(lines: Iterable[str]) -> Iterable[dict[str, Any]]:
    """Objects of a JSON-lines stream; a line that is none becomes an object with an `error`."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except json.JSONDecodeError as error:
            yield {"error": f"line {number} is not JSON: {error}"}
            continue
        yield value if isinstance(value, dict) else {"error": f"line {number} is not a JSON object"}


def answer_lines(answer: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> int:
    """Read JSON lines, answer each, write JSON lines."""
    for value in json_lines(sys.stdin):
        result = {"id": None, **value} if "error" in value and len(value) == 1 else answer(value)
        sys.stdout.write(json.dumps(result, ensure_ascii=False) + "\n")
    sys.stdout.flush()
    return 0


def command_understand(settings: Settings) -> int:
    from nlu.command import understand_line

    interpreter = load_interpreter(settings, load_province(settings.province))
    return answer_lines(lambda value: understand_line(interpreter, value))


def command_locate(settings: Settings) -> int:
    from core.places.command import locate_line

    pack = load_province(settings.province).pack
    return answer_lines(lambda value: locate_line(pack, value))


def command_route(settings: Settings) -> int:
    from core.routing_command import route_line

    pack = load_province(settings.province).pack
    return answer_lines(lambda value: route_line(pack, value, WallClock().now()))


def command_converse(settings: Settings) -> int:
    from core.rehearsal import BadTalk, Rehearsal

    province = load_province(settings.province)
    interpreter = load_interpreter(settings, province)
    rehearsal = Rehearsal(province.pack, province.phrases, interpreter, province.plain)

    async def play(value: Mapping[str, Any]) -> Mapping[str, Any]:
        try:
            return await rehearsal.play(value)
        except BadTalk as error:
            return {"id": value.get("id"), "error": str(error)}

    with asyncio.Runner() as runner:
        return answer_lines(lambda value: runner.run(play(value)))


def command_run(settings: Settings) -> int:
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(settings))
    return 0


def command_migrate(settings: Settings) -> int:
    async def migrate() -> None:
        store = await open_store(settings.database_url)
        await store.close()

    asyncio.run(migrate())
    print(f"database: up to date ({settings.database_url.partition(':')[0]})")
    return 0


def command_nlu(settings: Settings, arguments: list[str]) -> int:
    """`kenhdan nlu compare SET` and `kenhdan nlu corrections`."""
    from nlu.rasa.command import run_command

    province = load_province(settings.province)

    def engines() -> list[Interpreter]:
        here = load_interpreter(settings, province)
        return [here, *filter(None, [open_rasa(settings, province, here)])]

    def store() -> Awaitable[Store]:
        return open_store(settings.database_url, exclusive=False)

    return run_command(arguments, engines, store, province.pack.code_prefix)


_COMMANDS: dict[str, tuple[Callable[[Settings], int], str]] = {
    "run": (command_run, "run everything in one process"),
    "migrate": (command_migrate, "bring the database to this version"),
    "check": (check, "say what is wrong with settings, pack, model, database, and how to mend it"),
    "understand": (command_understand, "JSON lines: text → intent, category, spans"),
    "locate": (command_locate, "JSON lines: text or point → commune"),
    "route": (command_route, "JSON lines: category and commune → agency, deadline, rule"),
    "converse": (command_converse, "JSON lines: scripted talks → what was said and filed"),
}

_SPEECH_COMMANDS = {
    "transcribe": "what is said in recordings",
    "speech": "eval: word errors on recordings; say: what the voice makes of a text; "
    "prompts: the hotline's fixed prompts, spoken and kept",
}


def command_speech(settings: Settings, command: str, arguments: list[str]) -> int:
    """`kenhdan transcribe …` and `kenhdan speech eval|say|prompts`."""
    from connectors.hotline.prompt_command import run_prompts
    from speech.command import run_speech, run_transcribe

    province = load_province(settings.province)
    if command == "transcribe":
        return run_transcribe(settings, province.pack, arguments)
    if arguments[:1] == ["prompts"]:
        return run_prompts(settings, province.pack, province.phrases, arguments[1:])
    return run_speech(settings, province.pack, arguments)


def main(argv: list[str] | None = None) -> int:
    """The command `kenhdan`."""
    parser = argparse.ArgumentParser("kenhdan", description="Kênh Dân: field reports over chat and phone")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, (_, words) in _COMMANDS.items():
        commands.add_parser(name, help=words)
    commands.add_parser("settings", help="the table of all settings")
    zalo = commands.add_parser("zalo", help="log in, send, explain a captured event, show the windows")
    zalo.add_argument("arguments", nargs=argparse.REMAINDER)
    nlu = commands.add_parser("nlu", help="compare the engines, export corrections for review")
    nlu.add_argument("arguments", nargs=argparse.REMAINDER)
    for name, words in _SPEECH_COMMANDS.items():
        commands.add_parser(name, help=words, add_help=False)
    arguments, rest = parser.parse_known_args(argv)
    if rest and arguments.command not in _SPEECH_COMMANDS:
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    if arguments.command == "settings":
        print(settings_table())
        return 0
    try:
        settings = read_settings(os.environ)
        set_up_logging(settings.log_level, json=settings.log_json)
        if arguments.command == "zalo":
            from connectors.zalo.command import run_command

            return run_command(settings, arguments.arguments)
        if arguments.command == "nlu":
            return command_nlu(settings, arguments.arguments)
        if arguments.command in _SPEECH_COMMANDS:
            return command_speech(settings, arguments.command, rest)
        return _COMMANDS[arguments.command][0](settings)
    except (SettingsError, StartError, StoreError) as error:
        print(f"kenhdan: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
