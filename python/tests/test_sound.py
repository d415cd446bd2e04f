"""Sound: files, arrays, samples that come with frames, and what cannot be."""

import subprocess

import numpy as np
import pytest

import framemill

RATE = 48_000


def frames(count):
    return np.zeros((count, 16, 16), np.uint8)


def tone(seconds, channels=1):
    samples = 0.5 * np.sin(np.arange(int(seconds * RATE)) * (440 * 2 * np.pi / RATE))
    return samples if channels == 1 else np.stack([samples] * channels, axis=1)


def heard(path, channels=1):
    command = ["ffmpeg", "-v", "error", "-i", path, "-map", "0:a", "-f", "f32le", "-"]
    samples = np.frombuffer(subprocess.run(command, capture_output=True, check=True).stdout, np.float32)
    return samples.reshape(-1, channels)


@pytest.mark.parametrize("kind", [np.int16, np.int32, np.float32, np.float64])
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_an_array_becomes_the_sound(tmp_path, kind, channels):
    samples = tone(1, channels)
    given = (samples * np.iinfo(kind).max).astype(kind) if np.issubdtype(kind, np.integer) else samples.astype(kind)
    path = tmp_path / "a.mkv"
    framemill.write_video(path, frames(30), audio=(given, RATE), audio_codec="flac")
    assert np.abs(heard(path, channels) - samples.reshape(-1, channels)).max() < 1e-4


def test_samples_come_while_frames_do(tmp_path):
    path = tmp_path / "a.mkv"
    samples = tone(1, 2).astype(np.float32)
    with framemill.VideoWriter(path, 30, audio=(RATE, 2), audio_codec="flac") as video:
        for frame, piece in zip(frames(30), np.split(samples, 30), strict=True):
            video.write_audio(piece)
            video.write(frame)
    assert np.abs(heard(path, 2) - samples).max() < 1e-4


def test_another_length_is_a_warning(tmp_path):
    path = tmp_path / "a.mp4"
    with pytest.warns(UserWarning, match=r"the sound is 1\.000 s longer than the movie"):
        framemill.write_video(path, frames(30), audio=(tone(2), RATE))
    with pytest.warns(UserWarning, match=r"the sound ends 0\.500 s before the movie"):
        framemill.write_video(path, frames(30), audio=(tone(0.5), RATE))
    stats = framemill.write_video(path, frames(90), audio=(tone(1), RATE), shortest=True)
    assert stats.frames == 30


def test_what_cannot_be_is_refused(tmp_path):
    def refused(error, **options):
        with pytest.raises(error) as caught:
            framemill.write_video(tmp_path / "a.mp4", frames(2), **options)
        assert list(tmp_path.iterdir()) == []
        return str(caught.value)

    assert "sample 0 of channel 0 is NaN" in refused(framemill.AudioError, audio=(np.array([np.nan]), RATE))
    assert "have (2, 9); transpose them" in refused(framemill.AudioError, audio=(np.zeros((2, 9)), RATE))
    assert "are uint8" in refused(framemill.AudioTypeError, audio=(np.zeros(9, np.uint8), RATE))
    assert "audio must be a path" in refused(framemill.AudioTypeError, audio=np.zeros(9))
    assert "audio_codec needs audio" in refused(framemill.SettingsError, audio_codec="aac")
    assert "mp4 cannot hold pcm sound" in refused(framemill.SettingsError, audio=(np.zeros(9), RATE), audio_codec="pcm")
    assert "none.wav" in refused(framemill.OutputNotFoundError, audio=tmp_path / "none.wav")


def test_join_takes_the_sound_of_all(tmp_path):
    movies = [tmp_path / name for name in ("a.mkv", "b.mkv")]
    for movie in movies:
        framemill.write_video(movie, frames(30), audio=(tone(1), RATE))
    with pytest.raises(framemill.InputError, match="give the sound of the whole movie once"):
        framemill.join(movies, tmp_path / "c.mkv")
    framemill.join(movies, tmp_path / "c.mkv", audio=(tone(2), RATE), audio_codec="flac")
    assert len(heard(tmp_path / "c.mkv")) == 2 * RATE
