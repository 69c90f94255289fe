"""Every format that a phone, a messenger or a call centre sends is read whole; hostile bytes are refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from speech.audio import BadAudio, from_pcm16, read_audio, resample, to_pcm16
from tests.speech.sounds import amr, encode, tone

FORMATS = [
    ("wav", "pcm_s16le", 8000), ("wav", "pcm_alaw", 8000), ("wav", "pcm_mulaw", 8000), ("mp3", "mp3", 16000),
    ("mp4", "aac", 16000), ("adts", "aac", 44100), ("ogg", "libopus", 48000), ("webm", "libopus", 48000),
    ("amr", "libopencore_amrnb", 8000), ("3gp", "libopencore_amrnb", 8000), ("flac", "flac", 16000),
]  # fmt: skip


@pytest.mark.parametrize(("container", "codec", "rate"), FORMATS)
def test_each_format_is_read_at_full_length(container: str, codec: str, rate: int) -> None:
    clip = read_audio(encode(tone(2.0, rate), rate, container, codec))
    assert clip.seconds == pytest.approx(2.0, abs=0.16)
    assert 0.2 < float(np.std(clip.samples)) < 0.5
    assert not clip.cut


def test_amr_with_silence_frames_keeps_its_length() -> None:
    # a second of speech, two of silence frames and gaps, half a second of speech
    clip = read_audio(amr([(7, 50), (8, 1), (15, 7), (8, 1), (15, 91), (7, 25)]))
    assert clip.rate == 8000
    assert len(clip.samples) == 175 * 160
    assert not clip.samples[52 * 160 : 150 * 160].any()


def test_a_torn_amr_keeps_what_is_whole() -> None:
    assert len(read_audio(amr([(7, 10)])[:-5]).samples) == 9 * 160


def test_dtx_of_a_real_encoder_keeps_its_length() -> None:
    sound = np.concatenate([tone(1.0), np.zeros(8000 * 4, np.float32), tone(1.0)])
    clip = read_audio(encode(sound, 8000, "amr", "libopencore_amrnb", dtx="1"))
    assert clip.seconds == pytest.approx(6.0, abs=0.05)


def test_stereo_gives_the_side_that_is_asked_for() -> None:
    caller, agent = tone(1.0, 8000, 300), np.zeros(8000, np.float32)
    file = encode(np.stack([agent, caller]), 8000, "wav", "pcm_s16le")
    assert float(np.abs(read_audio(file, "left").samples).max()) < 0.01
    assert float(np.abs(read_audio(file, "right").samples).max()) > 0.45
    assert float(np.abs(read_audio(file, "both").samples).max()) == pytest.approx(0.25, abs=0.02)


def test_the_right_side_of_a_mono_file_is_the_only_one() -> None:
    clip = read_audio(encode(tone(0.5), 8000, "wav", "pcm_s16le"), "right")
    assert float(np.abs(clip.samples).max()) > 0.45


def test_a_long_recording_is_cut_and_says_so() -> None:
    clip = read_audio(encode(tone(3.0), 8000, "wav", "pcm_s16le"), longest_s=1.0)
    assert clip.cut
    assert clip.seconds == 1.0


@pytest.mark.parametrize(
    "data",
    [
        b"", b"not audio at all", b"#!AMR\n", b"RIFF\x00\x00\x00\x00WAVE", b"OggS" + b"\xff" * 400,
        b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:///etc/hostname\n#EXT-X-ENDLIST\n",
        b"ffconcat version 1.0\nfile '/etc/hostname'\n",
    ],
)  # fmt: skip
def test_what_is_no_audio_is_refused(data: bytes) -> None:
    with pytest.raises(BadAudio):
        read_audio(data)


@given(
    st.binary(max_size=400), st.sampled_from([b"", b"#!AMR\n", b"OggS", b"ID3", b"\x00\x00\x00\x18ftypM4A "])
)
@settings(max_examples=60, deadline=None)
def test_no_bytes_do_worse_than_bad_audio(data: bytes, head: bytes) -> None:
    try:
        clip = read_audio(head + data)
    except BadAudio:
        return
    assert clip.rate > 0


def test_samples_there_and_back() -> None:
    sound = tone(0.1)
    assert np.allclose(from_pcm16(to_pcm16(sound).tobytes()), sound, atol=1e-4)
    assert len(resample(sound, 8000, 16000)) == 2 * len(sound)
    assert to_pcm16(np.array([2.0, -2.0], np.float32)).tolist() == [32767, -32767]
