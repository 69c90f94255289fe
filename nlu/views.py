"""The writings of one message that the interpreter looks at.

A message is cut into syllables; each is kept three ways: as typed (tone moved to the end, so that
"hoà" and "hò"
"a" are one), bare (no diacritics), and plain (bare, with teencode and Nghệ Tĩnh words put into common ones).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

MAX_CHARS = 700
"""Characters of a message that the model looks at."""

MAX_WORDS = 220
"""Words of a message that the model looks at; only noise has more in so many characters."""

_LAST_LATIN = "\u1eff"
_FOREIGN = "~"
"""Stands for every word in another script: one is as unknown as the other."""

MAX_SYLLABLE = 16
"""Letters of a syllable that are looked at; no Vietnamese one is longer than 7."""

_TONES = {"\u0300": "1", "\u0301": "2", "\u0303": "3", "\u0309": "4", "\u0323": "5"}
_QUALITY = {"\u0302": "^", "\u0306": "(", "\u031b": "'"}
_SYLLABLE = re.compile(r"[^\W\d_]+|\d+")
_REPEATED = re.compile(r"(.)\1{2,}")

_PLAIN_TYPED = {
    # Nghệ Tĩnh words whose bare form would be ambiguous are only read when typed with marks
    "răng": "sao", "rứa": "the", "mô": "dau", "tê": "kia", "nỏ": "khong", "cấy": "cai", "đàng": "duong",
    "nác": "nuoc", "mần": "lam", "ri": "the nay", "chộ": "thay", "trửa": "giua", "ngài": "nguoi",
    "rào": "song", "lả": "lua", "bổ": "nga", "mệ": "ba", "mạ": "me", "eng": "anh", "ả": "chi", "tau": "toi",
    "tui": "toi", "cươi": "san", "lọi": "gay", "rọng": "ruong", "bọ": "bo", "ni": "nay", "nớ": "do",
    "chư": "chu", "nhởi": "choi", "khun": "khon", "cẳng": "chan", "trốc": "dau", "su": "sau", "đọi": "bat",
    "hấn": "no", "choa": "chung toi", "bây": "chung may", "vô": "vao", "mót": "muon", "hói": "kenh",
    "độông": "dong", "đôộng": "dong", "lủi": "lao", "hôi": "thoi", "trù": "trau", "khái": "ho", "kẹ": "ke",
}  # fmt: skip

_PLAIN_BARE = {
    # teencode and common short forms
    "k": "khong", "ko": "khong", "kh": "khong", "hok": "khong", "khg": "khong",
    "khum": "khong", "kg": "khong", "hem": "khong", "hk": "khong", "hum": "khong",
    "dc": "duoc", "dk": "duoc", "duoc": "duoc", "đc": "duoc", "dx": "duoc", "ok": "ok", "oke": "ok",
    "okie": "ok", "okey": "ok", "okay": "ok", "oki": "ok", "okela": "ok", "okla": "ok", "uk": "u",
    "uh": "u", "uhm": "u", "um": "u", "ukm": "u", "uki": "u", "uầy": "u", "yes": "co", "no": "khong",
    "j": "gi", "ji": "gi", "z": "vay", "v": "vay", "zay": "vay", "vs": "voi", "vz": "vay", "zậy": "vay",
    "mn": "moi nguoi", "mng": "moi nguoi", "bn": "bao nhieu", "bnh": "bao nhieu", "bik": "biet",
    "bit": "biet", "bt": "biet", "r": "roi", "rui": "roi", "rùi": "roi", "ròi": "roi", "gùi": "roi",
    "a": "anh", "e": "em", "c": "chi", "ad": "admin", "cb": "can bo", "ub": "uy ban", "ubnd": "uy ban",
    "uybannd": "uy ban", "đg": "duong", "dg": "duong", "đgf": "duong", "ng": "nguoi", "ngừi": "nguoi",
    "ngta": "nguoi ta", "nc": "nuoc", "nk": "nuoc", "ntn": "nhu the nao", "tn": "the nao", "sn": "sao",
    "s": "sao", "tks": "cam on", "thanks": "cam on", "thank": "cam on", "thanh kiu": "cam on",
    "ths": "cam on", "tk": "cam on", "thx": "cam on", "camon": "cam on", "kamsa": "cam on", "c.ơn": "cam on",
    "hello": "chao", "hi": "chao", "helo": "chao", "hallo": "chao", "hey": "chao", "hê": "chao",
    "xl": "xin loi", "sr": "xin loi", "sory": "xin loi", "sorry": "xin loi", "h": "gio", "g": "gio",
    "trc": "truoc", "tr": "troi", "sdt": "so dien thoai", "dt": "dien thoai", "đt": "dien thoai",
    "vc": "viec", "lm": "lam", "lun": "luon", "lg": "luon", "nv": "nhan vien", "tg": "thoi gian",
    "hn": "hom nay", "hqua": "hom qua", "bh": "bao gio", "bjo": "bay gio", "bg": "bay gio", "ha": "ha",
    "xoá": "xoa", "huỷ": "huy", "del": "xoa", "delete": "xoa", "cancel": "huy", "stop": "dung",
    "pa": "phan anh", "p/a": "phan anh", "pá": "phan anh", "thoy": "thoi", "thui": "thoi", "hoi": "hoi",
    "xog": "xong", "sog": "xong", "nhìu": "nhieu", "nhju": "nhieu", "wa": "qua", "wá": "qua", "qá": "qua",
    "tui": "toi", "tao": "toi", "tau": "toi", "mk": "minh", "mjh": "minh", "cx": "cung", "cug": "cung",
    "nma": "nhung ma", "nhg": "nhung", "nhm": "nhung", "vđ": "van de", "qlo": "quoc lo", "ql": "quoc lo",
    "tdp": "to dan pho", "tp": "thanh pho", "nha": "nha", "nhé": "nhe", "nhá": "nhe", "nhoa": "nhe",
    "iu": "yeu", "dog": "dong", "fai": "phai", "fải": "phai", "fone": "dien thoai", "pải": "phai",
    "cty": "cong ty", "mik": "minh", "trg": "trong", "trog": "trong", "đag": "dang", "dag": "dang",
    "nvay": "nhu vay", "vaz": "vay", "nỏ": "khong", "rua": "the", "hử": "ha",
}  # fmt: skip


class Syllable(NamedTuple):
    typed: str
    bare: str
    plain: tuple[str, ...]


@lru_cache(maxsize=65_536)
def syllable(word: str) -> Syllable:
    """The three writings of one lower-case word (NFC)."""
    word = _REPEATED.sub(r"\1", word[: MAX_SYLLABLE * 2])[:MAX_SYLLABLE]
    if word.isdigit():
        return Syllable(*_number(word))
    letters: list[str] = []
    bare: list[str] = []
    tone = ""
    for ch in unicodedata.normalize("NFD", word):
        if ch in _TONES:
            tone = _TONES[ch]
        elif ch in _QUALITY:
            letters.append(_QUALITY[ch])
        elif ch == "đ":
            letters.append(ch)
            bare.append("d")
        elif not unicodedata.combining(ch):
            letters.append(ch)
            bare.append(ch)
    flat = "".join(bare)
    plain = _PLAIN_TYPED.get(word) or _PLAIN_BARE.get(word) or _PLAIN_BARE.get(flat) or flat
    return Syllable("".join(letters) + tone, flat, tuple(plain.split()))


def _number(digits: str) -> tuple[str, str, tuple[str, ...]]:
    """Single digits are kept (they answer questions, count stars), longer numbers only by their length."""
    shown = digits if len(digits) <= 2 or digits in {"111", "112", "113", "114", "115"} else "0" * len(digits)
    return shown, shown, (shown,)


def words(text: str) -> list[str]:
    """The syllables of a message, lower case, NFC, of its first MAX_CHARS characters, at most MAX_WORDS."""
    found = _SYLLABLE.findall(unicodedata.normalize("NFC", text[:MAX_CHARS]).lower())[:MAX_WORDS]
    return [word if word <= _LAST_LATIN else _FOREIGN for word in found]


def writings(text: str, each: Callable[[str], Syllable] = syllable) -> list[Syllable]:
    """The three writings of every syllable of a message."""
    return [each(word) for word in words(text)]
