"""FastAGI: Asterisk connects, tells who calls, and does what it is told, one command at a time."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass

_MOST_VARIABLES = 200
_LINE = re.compile(r"(\d{3})([ -])(.*)")
_RESULT = re.compile(r"result=(-?\d+)")


class AgiError(Exception):
    """Asterisk does not speak AGI as it should, or the connection is gone. The text says which."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`result` is None when the command itself was refused (code 510, 511, 520)."""

    code: int
    result: int | None


class Agi:
    """One AGI session. `hung_up` tells that Asterisk said so in between."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self.hung_up = False

    async def read_variables(self) -> dict[str, str]:
        """What Asterisk tells at the start, without the prefix `agi_`. Raises AgiError."""
        variables: dict[str, str] = {}
        for _ in range(_MOST_VARIABLES):
            line = await self._line()
            if not line:
                return variables
            name, separator, value = line.partition(":")
            if not separator or not name.startswith("agi_"):
                raise AgiError("no AGI variables")
            variables[name.removeprefix("agi_")] = value.strip()
        raise AgiError("too many variables")

    async def set_variable(self, name: str, value: str) -> Answer:
        return await self.command(f'SET VARIABLE {name} "{_bare(value)}"')

    async def execute(self, application: str, options: str) -> Answer:
        """Run a dialplan application; the answer comes when it has ended."""
        return await self.command(f'EXEC {application} "{_bare(options)}"')

    async def command(self, line: str) -> Answer:
        """Raises AgiError when the connection goes away before the answer."""
        try:
            self._writer.write(f"{line}\n".encode())
            await self._writer.drain()
        except OSError as error:
            raise AgiError(f"connection lost: {type(error).__name__}") from error
        while True:
            reply = await self._line()
            if reply == "HANGUP":
                self.hung_up = True
                continue
            match = _LINE.fullmatch(reply)
            if match is None or match[2] == "-":  # the usage text of a refused command
                continue
            result = _RESULT.search(match[3])
            return Answer(int(match[1]), int(result[1]) if match[1] == "200" and result else None)

    async def _line(self) -> str:
        try:
            raw = await self._reader.readline()
        except (OSError, ValueError) as error:  # ValueError: a line that does not end
            raise AgiError(f"connection lost: {type(error).__name__}") from error
        if not raw.endswith(b"\n"):
            raise AgiError("connection closed")
        return raw.decode("utf-8", "replace").strip()


def _bare(value: str) -> str:
    """A value that cannot leave its quotes."""
    return re.sub(r'["\\\r\n]', "", value)
