"""Audio files made for tests, in the formats that phones and messengers send."""

from __future__ import annotations

import io

import av
import numpy as np

from speech.audio import Sound, to_pcm16


def tone(seconds: float, rate: int = 8000, hertz: float = 440.0) -> Sound:
    """A sine of half loudness."""
    return (0.5 * np.sin(2 * np.pi * hertz * np.arange(int(seconds * rate)) / rate)).astype(np.float32)


def encode(sound: Sound, rate: int, container: str, codec: str, **options: str) -> bytes:
    """A mono sound (or [2, samples] for stereo) as a file."""
    planes = np.atleast_2d(sound)
    layout = "mono" if len(planes) == 1 else "stereo"
    file = io.BytesIO()
    with av.open(file, "w", format=container) as out:
        stream = out.add_stream(codec, rate=rate, layout=layout)
        stream.options = options
        interleaved = to_pcm16(planes.T.reshape(1, -1))
        frame = av.AudioFrame.from_ndarray(interleaved, format="s16", layout=layout)
        frame.sample_rate = rate
        fit = av.AudioResampler(
            format=stream.codec_context.format, layout=layout, rate=rate,
            frame_size=stream.codec_context.frame_size or 0,
        )  # fmt: skip
        for piece in [*fit.resample(frame), *fit.resample(None)]:
            out.mux(stream.encode(piece))
        out.mux(stream.encode(None))
    return file.getvalue()


def amr(frames: list[tuple[int, int]]) -> bytes:
    """An AMR file by hand: (frame type, how many). Type 7 is speech at 12.2 kbit/s, 8 silence, 15 nothing."""
    sizes = {7: 31, 8: 5, 15: 0}
    body = b"".join(
        (bytes([kind << 3 | 0x04]) + bytes((at * 37 + n * 11) % 256 for at in range(sizes[kind])))
        for kind, count in frames
        for n in range(count)
    )
    return b"#!AMR\n" + body
