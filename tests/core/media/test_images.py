"""Pictures of every kind, whole, odd and hostile."""

from __future__ import annotations

import hashlib
import io
import pickle
import random
import struct
import zlib
from collections.abc import Callable

import pillow_heif
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageDraw, ImageFilter

from core.media.images import PhotoLimits, PictureRefused, RefusalReason, prepare_photo
from core.media.jpeg import count_scans
from core.media.likeness import Likeness, hash_distance, likeness


def scene(width: int = 640, height: int = 480, seed: int = 1) -> Image.Image:
    """A picture with features, the same for the same seed: coarse shapes, softened."""
    rng = random.Random(seed)
    image = Image.new("RGB", (width, height), (120, 140, 110))
    draw = ImageDraw.Draw(image)
    for _ in range(24):
        x, y = rng.randrange(width), rng.randrange(height)
        w, h = rng.randrange(width // 10, width // 2), rng.randrange(height // 10, height // 2)
        draw.ellipse(
            (x - w // 2, y - h // 2, x + w // 2, y + h // 2), fill=tuple(rng.randrange(256) for _ in "rgb")
        )
    return image.filter(ImageFilter.GaussianBlur(2))


def exif_of(
    *,
    lat: object = (18.0, 20.0, 33.0),
    lon: object = (105.0, 54.0, 18.0),
    refs: tuple[str, str] = ("N", "E"),
    orientation: int = 1,
    taken: str = "2026:11:20 07:31:05",
    zone: str | None = "+07:00",
    status: str | None = None,
) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "a maker whose name must not be kept"
    gps = exif.get_ifd(0x8825)
    gps.update({1: refs[0], 2: lat, 3: refs[1], 4: lon, 31: 12.5})
    if status is not None:
        gps[9] = status
    details = exif.get_ifd(0x8769)
    details[0x9003] = taken
    if zone is not None:
        details[0x9011] = zone
    return exif


def encoded(image: Image.Image, fmt: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, fmt, **options)
    return out.getvalue()


def heic(image: Image.Image, **options: object) -> bytes:
    pillow_heif.register_heif_opener()
    return encoded(image, "HEIF", **options)


def refusal(data: bytes, limits: PhotoLimits | None = None) -> RefusalReason:
    with pytest.raises(PictureRefused) as caught:
        prepare_photo(data, limits=limits)
    assert caught.value.text
    return caught.value.reason


def assert_clean_jpeg(data: bytes) -> None:
    with Image.open(io.BytesIO(data), formats=("JPEG",)) as image:
        image.load()
        assert not dict(image.getexif())
        assert not {"exif", "icc_profile", "xmp", "comment", "photoshop"} & set(image.info)
        assert image.mode == "RGB"


MAKERS: dict[str, Callable[[Image.Image], bytes]] = {
    "jpeg": lambda image: encoded(image, "JPEG"),
    "progressive": lambda image: encoded(image, "JPEG", progressive=True),
    "cmyk": lambda image: encoded(image.convert("CMYK"), "JPEG"),
    "grey": lambda image: encoded(image.convert("L"), "JPEG"),
    "mpo": lambda image: encoded(image, "MPO", save_all=True, append_images=[image.resize((64, 48))]),
    "png": lambda image: encoded(image, "PNG"),
    "palette": lambda image: encoded(image.convert("P"), "PNG"),
    "bits": lambda image: encoded(image.convert("1"), "PNG"),
    "grey alpha": lambda image: encoded(image.convert("LA"), "PNG"),
    "webp": lambda image: encoded(image, "WEBP"),
    "animated webp": lambda image: encoded(image, "WEBP", save_all=True, append_images=[scene(seed=5)]),
    "gif": lambda image: encoded(image, "GIF"),
    "animated gif": lambda image: encoded(image, "GIF", save_all=True, append_images=[scene(seed=5)]),
    "heic": heic,
}


@pytest.mark.parametrize("kind", MAKERS)
def test_every_allowed_kind_becomes_a_clean_jpeg(kind: str) -> None:
    original = scene()
    photo = prepare_photo(MAKERS[kind](original))
    assert (photo.width, photo.height, photo.mime) == (640, 480, "image/jpeg")
    assert photo.sha256 == hashlib.sha256(photo.data).hexdigest()
    assert_clean_jpeg(photo.data)
    plain = prepare_photo(encoded(original, "PNG"))
    assert likeness(photo.phash, plain.phash) is Likeness.SAME  # also of an animation: its first frame


def test_sixteen_bit_png_keeps_its_brightness() -> None:
    image = Image.new("I;16", (64, 64), 128 * 256)
    photo = prepare_photo(encoded(image, "PNG"))
    with Image.open(io.BytesIO(photo.data)) as stored:
        assert all(abs(value - 128) <= 2 for value in stored.getpixel((32, 32)))


def test_transparency_lies_on_white() -> None:
    photo = prepare_photo(encoded(Image.new("RGBA", (32, 32), (0, 0, 0, 0)), "PNG"))
    with Image.open(io.BytesIO(photo.data)) as stored:
        assert min(stored.getpixel((16, 16))) >= 250


@pytest.mark.parametrize("maker", [lambda i, **o: encoded(i, "JPEG", **o), heic], ids=["jpeg", "heic"])
def test_gps_and_time_are_read_and_not_kept(maker: Callable[..., bytes]) -> None:
    photo = prepare_photo(maker(scene(), exif=exif_of()))
    assert photo.point is not None
    assert photo.point.lat == pytest.approx(18.3425, abs=1e-5)
    assert photo.point.lon == pytest.approx(105.905, abs=1e-5)
    assert photo.point.accuracy_m == pytest.approx(12.5, abs=0.1)
    assert photo.taken_at == "2026-11-20T07:31:05+07:00"
    assert_clean_jpeg(photo.data)
    assert b"maker whose name" not in photo.data


def test_gps_of_png_and_webp() -> None:
    for fmt in ("PNG", "WEBP"):
        assert prepare_photo(encoded(scene(64, 64), fmt, exif=exif_of())).point is not None


def test_southern_and_western_letters_turn_the_sign() -> None:
    point = prepare_photo(encoded(scene(64, 64), "JPEG", exif=exif_of(refs=("S", "w")))).point
    assert point is not None
    assert point.lat < 0
    assert point.lon < 0


@pytest.mark.parametrize(
    "exif",
    [
        exif_of(lat=(0.0, 0.0, 0.0), lon=(0.0, 0.0, 0.0)),
        exif_of(lat=(91.0, 0.0, 0.0)),
        exif_of(lon=(181.0, 0.0, 0.0)),
        exif_of(lat=(18.0, 75.0, 0.0)),
        exif_of(refs=("", "E")),
        exif_of(refs=("X", "E")),
        exif_of(status="V"),
    ],
    ids=[
        "null island",
        "beyond the pole",
        "beyond the date line",
        "75 minutes",
        "no letter",
        "odd letter",
        "no fix",
    ],
)
def test_impossible_positions_are_not_said(exif: Image.Exif) -> None:
    photo = prepare_photo(encoded(scene(64, 64), "JPEG", exif=exif))
    assert photo.point is None
    assert photo.taken_at == "2026-11-20T07:31:05+07:00"


def test_a_zero_denominator_is_no_position() -> None:
    exif = exif_of().tobytes()
    sound = struct.pack(">II", 18, 1)
    big_endian = exif.replace(sound, struct.pack(">II", 18, 0))
    little_endian = exif.replace(struct.pack("<II", 18, 1), struct.pack("<II", 18, 0))
    damaged = big_endian if big_endian != exif else little_endian
    assert damaged != exif
    assert prepare_photo(encoded(scene(64, 64), "JPEG", exif=damaged)).point is None


@pytest.mark.parametrize("taken", ["0000:00:00 00:00:00", "    :  :     :  :  ", "yesterday", ""])
def test_odd_times_are_not_said(taken: str) -> None:
    assert prepare_photo(encoded(scene(64, 64), "JPEG", exif=exif_of(taken=taken))).taken_at is None


def test_a_time_without_zone_stays_without() -> None:
    photo = prepare_photo(encoded(scene(64, 64), "JPEG", exif=exif_of(zone=None)))
    assert photo.taken_at == "2026-11-20T07:31:05"


def test_damaged_exif_does_not_cost_the_picture() -> None:
    photo = prepare_photo(encoded(scene(64, 64), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xffrubbish"))
    assert (photo.width, photo.point, photo.taken_at) == (64, None, None)


@pytest.mark.parametrize(("orientation", "turned"), [(1, False), (3, False), (6, True), (8, True)])
def test_orientation_is_applied(orientation: int, turned: bool) -> None:
    image = Image.new("RGB", (200, 100), "white")
    image.paste("red", (0, 0, 40, 40))  # top left as stored
    photo = prepare_photo(encoded(image, "JPEG", exif=exif_of(orientation=orientation)))
    assert (photo.width, photo.height) == ((100, 200) if turned else (200, 100))
    corner = {1: (10, 10), 3: (190, 90), 6: (90, 10), 8: (10, 190)}[orientation]
    with Image.open(io.BytesIO(photo.data)) as stored:
        red, green, _ = stored.getpixel(corner)
        assert red > 200
        assert green < 80


def test_large_pictures_shrink_and_small_ones_do_not_grow() -> None:
    photo = prepare_photo(encoded(scene(4032, 3024), "JPEG", quality=60))
    assert (photo.width, photo.height) == (2560, 1920)
    assert prepare_photo(encoded(scene(40, 30), "PNG")).width == 40


def test_colours_of_a_profile_are_brought_to_srgb() -> None:
    wide = ImageCms.createProfile("XYZ")
    image = Image.new("RGB", (32, 32), (200, 30, 30))
    plain = prepare_photo(encoded(image, "JPEG"))
    profiled = prepare_photo(encoded(image, "JPEG", icc_profile=ImageCms.ImageCmsProfile(wide).tobytes()))
    broken = prepare_photo(encoded(image, "JPEG", icc_profile=b"not a profile"))
    assert_clean_jpeg(profiled.data)
    assert broken.sha256 == plain.sha256


def png_header_only(width: int, height: int) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(6400, 6400), (10_000, 10_000), (30_000, 30_000)])
def test_pixel_bombs_are_refused_from_their_header(size: tuple[int, int]) -> None:
    assert refusal(png_header_only(*size)) is RefusalReason.TOO_MANY_PIXELS


def test_a_jpeg_of_endless_scans_is_refused() -> None:
    data = MAKERS["progressive"](scene())
    scans = count_scans(data)
    assert 5 < scans < 20
    last = data.rindex(b"\xff\xda")
    endless = data[:last] + data[last:-2] * 1000 + data[-2:]
    assert count_scans(endless, 10_000) == scans + 999
    assert refusal(endless) is RefusalReason.BROKEN


def test_only_the_pictures_own_scans_count() -> None:
    thumbnail = encoded(scene(64, 48), "JPEG", progressive=True)
    film = b"\xff\xda\x00\x02" * 1000
    plain = encoded(scene(), "JPEG")
    inside = b"\xff\xe1" + (len(thumbnail) + 2).to_bytes(2, "big") + thumbnail
    data = plain[:2] + inside + plain[2:] + film
    assert count_scans(data) == 1
    assert prepare_photo(data).width == 640


def test_sixty_megabytes_are_refused() -> None:
    assert refusal(encoded(scene(64, 64), "JPEG") + bytes(60 * 1024 * 1024)) is RefusalReason.TOO_BIG


def test_limits_are_the_callers() -> None:
    data = encoded(scene(100, 100), "PNG")
    assert refusal(data, PhotoLimits(max_pixels=9_999)) is RefusalReason.TOO_MANY_PIXELS
    assert refusal(data, PhotoLimits(max_bytes=len(data) - 1)) is RefusalReason.TOO_BIG
    assert (
        prepare_photo(data, limits=PhotoLimits(max_bytes=len(data), max_pixels=10_000, longest_side=50)).width
        == 50
    )


@pytest.mark.parametrize(
    "data",
    [
        b"%!PS-Adobe-3.0 EPSF-3.0\n",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"II*\0\x08\0\0\0",
        b"BM" + bytes(60),
        b"#!AMR\nxxxx",
        b"\0\0\0\x18ftypavif",
        b"hello",
    ],
    ids=["eps", "svg", "tiff", "bmp", "amr", "avif", "text"],
)
def test_other_files_are_no_pictures(data: bytes) -> None:
    assert refusal(data) is RefusalReason.NOT_A_PICTURE


def test_an_animation_cut_after_its_first_frame_is_a_photo() -> None:
    data = MAKERS["animated gif"](scene())
    assert prepare_photo(data[: int(len(data) * 0.8)]).width == 640


def test_nothing_is_refused_as_empty() -> None:
    assert refusal(b"") is RefusalReason.EMPTY


@pytest.mark.parametrize("kind", ["jpeg", "progressive", "png", "webp", "heic", "gif"])
@pytest.mark.parametrize("part", [0.02, 0.3, 0.8])
def test_truncated_files_are_refused_as_broken(kind: str, part: float) -> None:
    data = MAKERS[kind](scene())
    assert refusal(data[: max(16, int(len(data) * part))]) is RefusalReason.BROKEN


SMALL = {kind: MAKERS[kind](scene(96, 64)) for kind in ("jpeg", "png", "webp", "gif", "heic")}


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_damaged_bytes_give_a_photo_or_a_refusal_and_nothing_else(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(sorted(SMALL)))
    whole = bytearray(SMALL[kind])
    for _ in range(data.draw(st.integers(1, 8))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    try:
        photo = prepare_photo(bytes(whole), limits=PhotoLimits(max_pixels=1_000_000))
    except PictureRefused:
        return
    assert_clean_jpeg(photo.data)


def test_a_refusal_survives_the_way_between_processes() -> None:
    back = pickle.loads(pickle.dumps(PictureRefused(RefusalReason.BROKEN, "cut off")))
    assert (back.reason, back.text) == (RefusalReason.BROKEN, "cut off")


def test_recompressed_is_same_and_another_is_not() -> None:
    image = scene(1200, 900)
    one = prepare_photo(encoded(image, "JPEG", quality=95)).phash
    halved = prepare_photo(encoded(image.resize((600, 450)), "JPEG", quality=50)).phash
    other = prepare_photo(encoded(scene(1200, 900, seed=77), "JPEG")).phash
    assert hash_distance(one, halved) <= 2
    assert likeness(one, halved) is Likeness.SAME
    assert likeness(one, other) is Likeness.OTHER


def test_two_black_pictures_are_not_the_same_photo() -> None:
    black = prepare_photo(encoded(Image.new("RGB", (300, 200)), "JPEG")).phash
    white = prepare_photo(encoded(Image.new("RGB", (300, 200), "white"), "JPEG")).phash
    assert likeness(black, black) is Likeness.OTHER
    assert likeness(black, white) is Likeness.OTHER


def test_the_distance_counts_bits_and_refuses_other_lengths() -> None:
    assert hash_distance("0f" * 8, "0e" * 8) == 8
    assert likeness("0f" * 8, "0e" * 8) is Likeness.SAME
    assert likeness("0f" * 8, "0e" * 7 + "00") is Likeness.ASK
    with pytest.raises(ValueError, match="16 hex"):
        hash_distance("0f", "0e")
