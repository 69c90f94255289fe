"""Audio files of any kind → samples.

FFmpeg (PyAV) reads them. AMR is read frame by frame: decoders refuse the frames that say "silence" (DTX),
and the recording would come out shorter than the call was; each refused frame becomes its 20 ms of silence.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, cast

import av
import av.error
import numpy as np
import numpy.typing as npt
import soxr
from av.audio.codeccontext import AudioCodecContext
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream

Sound = npt.NDArray[np.float32]
"""Samples from -1 to 1, one channel."""

Side = Literal["both", "left", "right"]
"""Which channel of a stereo recording is heard: call centres put the caller on one side."""

LONGEST_S = 15 * 60
"""Seconds of a recording that are listened to."""


_FORMATS = "wav,w64,mp3,mov,mp4,m4a,3gp,3g2,ogg,matroska,webm,aac,amr,amrnb,amrwb,flac,caf,au,aiff,gsm"
"""No playlists: FFmpeg would open the files and addresses that a citizen's "recording" names."""


class BadAudio(Exception):
    """The bytes are no audio that can be read; the text says why."""


@dataclass(frozen=True, slots=True)
class Clip:
    """A piece of sound. `cut` says that the recording went on."""

    samples: Sound
    rate: int
    cut: bool = False

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.rate

    def at(self, rate: int) -> Sound:
        """The samples at another rate."""
        return resample(self.samples, self.rate, rate)


def resample(samples: Sound, rate: int, wanted: int) -> Sound:
    """A whole utterance at another rate."""
    if rate == wanted or not len(samples):
        return samples
    made = soxr.resample(samples, rate, wanted, quality="HQ")
    return np.asarray(made, dtype=np.float32)


def to_pcm16(samples: Sound) -> npt.NDArray[np.int16]:
    """Samples of -1…1 as 16-bit ones; louder ones are clipped."""
    return cast("npt.NDArray[np.int16]", (np.clip(samples, -1, 1) * 32767).round().astype(np.int16))


def from_pcm16(data: bytes) -> Sound:
    """Little-endian 16-bit samples; an odd last byte is dropped."""
    return np.frombuffer(data[: len(data) // 2 * 2], "<i2").astype(np.float32) / np.float32(32768)


def read_audio(data: bytes, side: Side = "both", longest_s: float = LONGEST_S) -> Clip:
    """The sound of a file (wav, mp3, m4a, ogg, webm, amr, 3gp …), at its own rate. Raises BadAudio."""
    if data.startswith(_AMR_NB):
        return _read_amr(data, longest_s)
    try:
        only = {"format_whitelist": _FORMATS, "protocol_whitelist": "none"}
        with av.open(io.BytesIO(data), mode="r", metadata_errors="ignore", options=only) as container:
            if not container.streams.audio:
                raise BadAudio("there is no sound in the file")
            stream = container.streams.audio[0]
            return _gather(_frames(container.demux(stream), stream), stream.rate or 8000, side, longest_s)
    except (av.error.FFmpegError, ValueError, EOFError) as error:
        raise BadAudio(f"the file cannot be read as audio: {error}") from error


def _frames(packets: Iterator[Any], stream: AudioStream) -> Iterator[AudioFrame | int]:
    """The decoded frames, and for each packet that cannot be decoded its length in samples."""
    for packet in packets:
        try:
            yield from cast("list[AudioFrame]", packet.decode())
        except (av.error.InvalidDataError, av.error.PatchWelcomeError, av.error.UndefinedError):
            if packet.duration and packet.time_base:
                yield round(packet.duration * packet.time_base * (stream.rate or 8000))


def _gather(frames: Iterator[AudioFrame | int], rate: int, side: Side, longest_s: float) -> Clip:
    parts: list[Sound] = []
    length, most, cut = 0, int(longest_s * rate), False
    to_float = AudioResampler(format="flt", rate=rate)
    for frame in frames:
        if isinstance(frame, int):
            made = [np.zeros(min(frame, rate), np.float32)]
        else:
            frame.pts = None  # gaps in a phone's time stamps are no errors of ours
            made = [
                _one_channel(out.to_ndarray().reshape(-1, len(out.layout.channels)), side)
                for out in to_float.resample(frame)
            ]
        parts += made
        length += sum(map(len, made))
        if length > most:
            cut = True
            break
    if not parts:
        raise BadAudio("there is no sound in the file")
    return Clip(np.concatenate(parts)[:most], rate, cut)


def _one_channel(samples: npt.NDArray[Any], side: Side) -> Sound:
    """[samples, channels] → one channel."""
    column = samples.shape[1] - 1 if side == "right" else 0
    chosen = samples.mean(axis=1) if side == "both" else samples[:, column]
    return np.ascontiguousarray(chosen, dtype=np.float32)


# -- AMR narrow band (RFC 4867, section 5)

_AMR_NB = b"#!AMR\n"
_AMR_RATE = 8000
_AMR_SAMPLES = 160
_AMR_BYTES = (12, 13, 15, 17, 19, 20, 26, 31, 5, 0, 0, 0, 0, 0, 0, 0)
"""Bytes of a frame after its header, by frame type: eight bit rates, silence, …, no data."""


def _read_amr(data: bytes, longest_s: float) -> Clip:
    codec = _amr_codec()
    parts: list[Sound] = []
    at, most = len(_AMR_NB), int(longest_s * _AMR_RATE) // _AMR_SAMPLES
    while at < len(data) and len(parts) < most:
        size = 1 + _AMR_BYTES[(data[at] >> 3) & 0x0F]
        if at + size > len(data):
            break  # the last frame was torn off
        parts.append(_amr_frame(codec, data[at : at + size]))
        at += size
    if not parts:
        raise BadAudio("there is no sound in the file")
    return Clip(np.concatenate(parts), _AMR_RATE, cut=len(parts) >= most)


def _amr_codec() -> AudioCodecContext:
    codec = cast(AudioCodecContext, av.CodecContext.create("amrnb", "r"))
    codec.sample_rate = _AMR_RATE
    codec.layout = "mono"
    return codec


def _amr_frame(codec: AudioCodecContext, frame: bytes) -> Sound:
    """Exactly 20 ms, whatever the decoder thinks of the frame."""
    made = np.zeros(_AMR_SAMPLES, np.float32)
    if len(frame) > 6:  # speech; shorter ones say silence or nothing
        try:
            for out in codec.decode(av.Packet(frame)):
                samples = out.to_ndarray().reshape(-1)[:_AMR_SAMPLES]
                if samples.dtype == np.int16:
                    samples = samples.astype(np.float32) / 32768
                made[: len(samples)] = samples
        except av.error.FFmpegError:
            pass  # one damaged frame is 20 ms of silence, not a lost recording
    return made
