"""Tests sound: files, arrays, samples that are written between frames, and errors."""

import framemill
import numpy as np
import pytest
from movies import encode
from reader import run

RATE = 48_000


def frames(count):
    return np.zeros((count, 16, 16), np.uint8)


def tone(seconds, channels=1):
    samples = 0.5 * np.sin(np.arange(int(seconds * RATE)) * (440 * 2 * np.pi / RATE))
    return samples if channels == 1 else np.stack([samples] * channels, axis=1)


def heard(path, channels=1):
    samples = run("ffmpeg", "-v", "error", "-i", path, "-map", "0:a", "-f", "f32le", "-")
    return np.frombuffer(samples, np.float32).reshape(-1, channels)


@pytest.mark.parametrize("kind", [np.int16, np.int32, np.float32, np.float64])
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_an_array_becomes_the_sound(tmp_path, kind, channels):
    samples = tone(1, channels)
    given = (samples * np.iinfo(kind).max).astype(kind) if np.issubdtype(kind, np.integer) else samples.astype(kind)
    path = tmp_path / "a.mkv"
    framemill.write_video(path, frames(30), audio=(given, RATE), audio_codec="flac")
    assert np.abs(heard(path, channels) - samples.reshape(-1, channels)).max() < 1e-4


def test_samples_are_written_between_frames(tmp_path):
    path = tmp_path / "a.mkv"
    samples = tone(1, 2).astype(np.float32)
    with framemill.VideoWriter(path, 30, audio=(RATE, 2), audio_codec="flac") as video:
        for frame, piece in zip(frames(30), np.split(samples, 30), strict=True):
            video.write_audio(piece)
            video.write(frame)
    assert np.abs(heard(path, 2) - samples).max() < 1e-4


def test_a_different_length_causes_a_warning(tmp_path):
    path = tmp_path / "a.mp4"
    with pytest.warns(UserWarning, match=r"the sound is 1\.000 s longer than the movie"):
        framemill.write_video(path, frames(30), audio=(tone(2), RATE))
    with pytest.warns(UserWarning, match=r"the sound ends 0\.500 s before the movie"):
        framemill.write_video(path, frames(30), audio=(tone(0.5), RATE))
    stats = framemill.write_video(path, frames(90), audio=(tone(1), RATE), shortest=True)
    assert stats.frames == 30


def test_invalid_sound_is_refused(tmp_path):
    def refused(error, **options):
        with pytest.raises(error) as caught:
            framemill.write_video(tmp_path / "a.mp4", frames(2), **options)
        assert list(tmp_path.iterdir()) == []
        return str(caught.value)

    assert "sample 0 of channel 0 is NaN" in refused(framemill.AudioError, audio=(np.array([np.nan]), RATE))
    masked = np.ma.masked_array(np.zeros(9), np.arange(9) > 5)
    assert "the samples have masked values" in refused(framemill.AudioError, audio=(masked, RATE))
    assert "have (2, 9); transpose them" in refused(framemill.AudioError, audio=(np.zeros((2, 9)), RATE))
    assert "not uint8" in refused(framemill.AudioTypeError, audio=(np.zeros(9, np.uint8), RATE))
    assert "audio must be a path" in refused(framemill.AudioTypeError, audio=np.zeros(9))
    assert "audio_codec needs audio" in refused(framemill.SettingsError, audio_codec="aac")
    assert "mp4 cannot hold pcm sound" in refused(framemill.SettingsError, audio=(np.zeros(9), RATE), audio_codec="pcm")
    assert "none.wav" in refused(framemill.InputNotFoundError, audio=tmp_path / "none.wav")


@pytest.mark.parametrize(
    ("audio", "error", "message"),
    [
        ("none.wav", framemill.InputError, "none.wav"),
        ((RATE, 9), framemill.AudioError, "9 channels are out of range"),
        ((10, 1), framemill.AudioError, "a sample rate of 10 Hz is out of range"),
        ((np.full(9, np.nan), RATE), framemill.AudioError, "sample 0 of channel 0 is NaN"),
        ((np.zeros(9), 48_000.0), framemill.AudioTypeError, r"the rate in .* not 48000\.0: use int\(rate\)"),
        ((RATE, np.zeros(9)), framemill.AudioTypeError, r"is \(rate, samples\): swap them"),
        ((np.zeros((5, 0)), RATE), framemill.AudioError, r"have \(5, 0\)$"),
        ((np.zeros((2, 500)), RATE), framemill.AudioError, "transpose them"),
    ],
)
def test_mistakes_are_reported_when_the_writer_is_made(tmp_path, monkeypatch, audio, error, message):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error, match=message):
        framemill.VideoWriter("a.mp4", 30, audio=audio)
    assert list(tmp_path.iterdir()) == []


def test_after_wrong_samples_the_movie_continues(tmp_path):
    path = tmp_path / "a.mkv"
    samples = tone(1).astype(np.float32)
    with framemill.VideoWriter(path, 30, audio=(RATE, 1), audio_codec="flac") as video:
        for written in (0, 10):
            for wrong in (np.array([np.nan], np.float32), np.full(3, 99, np.float32)):
                with pytest.raises(framemill.AudioError):
                    video.write_audio(wrong)
            video.write_audio(samples[written * RATE // 30 : (written + 10) * RATE // 30])
            with pytest.raises(framemill.AudioError, match="a different type"):
                video.write_audio(np.zeros(3, np.int16))
            for frame in frames(10):
                video.write(frame)
        video.write_audio(samples[20 * RATE // 30 :])
        for frame in frames(10):
            video.write(frame)
    assert np.abs(heard(path)[:, 0] - samples).max() < 1e-4


def test_an_empty_array_of_samples_is_allowed(tmp_path):
    path = tmp_path / "a.mkv"
    samples = tone(1, 2).astype(np.float32)
    with framemill.VideoWriter(path, 30, audio=(RATE, 2), audio_codec="flac") as video:
        for frame in frames(30):
            video.write_audio([])
            video.write(frame)
            video.write_audio(np.zeros((0, 2), np.int16))
        video.write_audio(samples)
    assert np.abs(heard(path, 2) - samples).max() < 1e-4


def test_frames_after_the_sound_are_not_counted(tmp_path):
    with framemill.VideoWriter(tmp_path / "a.mp4", 30, audio=(tone(0.1), RATE), shortest=True) as video:
        for frame in frames(8):
            video.write(frame)
        assert video.full
        assert video.frames == 3
    assert video.stats.frames == 3


def test_join_adds_the_sound_of_the_whole_movie(tmp_path):
    movies = [tmp_path / name for name in ("a.mkv", "b.mkv")]
    for movie in movies:
        framemill.write_video(movie, frames(30), audio=(tone(1), RATE), audio_codec="flac")
    with pytest.raises(framemill.InputError, match="add the sound of the whole movie once"):
        framemill.join(movies, tmp_path / "c.mkv")
    framemill.join(movies, tmp_path / "c.mkv", audio=(tone(2), RATE), audio_codec="flac")
    assert len(heard(tmp_path / "c.mkv")) == 2 * RATE


@pytest.mark.parametrize(("name", "codec", "expected"), [("a.mp4", "av1", "aac"), ("a.webm", "vp9", "opus")])
def test_movies_for_browsers_have_sound(tmp_path, name, codec, expected):
    path, sound = tmp_path / name, tmp_path / "tone.flac"
    run(
        "ffmpeg", "-v", "error", "-f", "f32le", "-ar", RATE, "-i", "-", sound, data=tone(1).astype(np.float32).tobytes()
    )
    encode(path, [np.zeros((64, 64, 3), np.uint8)] * 30, codec=codec, audio=sound)
    names = run("ffprobe", "-v", "error", "-show_entries", "stream=codec_name", "-of", "csv=p=0", path)
    assert names.split() == [codec.encode(), expected.encode()]
    assert abs(len(heard(path)) - RATE) < 1_100


def test_webm_names_the_codec_that_it_takes(tmp_path):
    with pytest.raises(framemill.SettingsError, match="webm cannot hold aac sound: choose audio_codec opus"):
        framemill.write_video(tmp_path / "a.webm", frames(2), codec="vp9", audio=(tone(1), RATE), audio_codec="aac")


def shade(number):
    return np.full((16, 16), number, np.uint8)


@pytest.mark.parametrize("executor", [None, 2])
def test_render_makes_the_sound_once(tmp_path, executor):
    path = tmp_path / "a.mkv"
    options = {"segment": 10, "executor": executor, "audio_codec": "flac"}
    stats = framemill.render(shade, 30, path, audio=(tone(1), RATE), **options)
    assert np.abs(heard(path)[:, 0] - tone(1)).max() < 1e-4
    sound = stats.to_dict()["audio"]
    assert (stats.frames, sound["codec"], sound["seconds"]) == (30, "flac", 1.0)
    with pytest.warns(UserWarning, match=r"the sound is 1\.000 s longer than the movie") as caught:
        framemill.render(shade, 30, path, audio=(tone(2), RATE), **options)
    assert caught[0].filename == __file__


def test_render_refuses_sound_before_anything_is_drawn(tmp_path):
    def refused(error, **options):
        with pytest.raises(error) as caught:
            framemill.render(never, 30, tmp_path / "a.mp4", **options)
        assert list(tmp_path.iterdir()) == []
        return str(caught.value)

    def never(_):
        raise AssertionError

    assert "none.wav" in refused(framemill.InputNotFoundError, audio=tmp_path / "none.wav")
    assert "give all samples here, or a path" in refused(framemill.AudioError, audio=(RATE, 1))
    assert "mp4 cannot hold pcm sound" in refused(framemill.SettingsError, audio=(tone(1), RATE), audio_codec="pcm")
    assert "audio_codec needs audio" in refused(framemill.SettingsError, audio_codec="aac")
    assert "shortest cannot be combined" in refused(framemill.SettingsError, audio=(tone(1), RATE), shortest=True)


def test_animations_have_sound(tmp_path):
    import framemill.matplotlib
    import matplotlib.pyplot as plt
    from matplotlib.animation import FuncAnimation

    def animation():
        figure, axes = plt.subplots(figsize=(1, 1))
        (line,) = axes.plot([0, 1], [0, 1])
        return FuncAnimation(figure, lambda number: line.set_ydata([0, number]), frames=10, interval=100)

    writer = framemill.matplotlib.FrameMillWriter(fps=10, audio=(tone(1), RATE), audio_codec="flac")
    animation().save(tmp_path / "saved.mkv", writer=writer)
    framemill.matplotlib.render(animation, tmp_path / "rendered.mkv", audio=(tone(1), RATE), audio_codec="flac")
    for name in ("saved.mkv", "rendered.mkv"):
        assert np.abs(heard(tmp_path / name)[:, 0] - tone(1)).max() < 1e-4, name


def test_recover_adds_sound_and_keeps_existing_sound(tmp_path):
    video = framemill.VideoWriter(tmp_path / "a.mkv", 30, audio=(tone(1), RATE), audio_codec="flac")
    for frame in frames(30):
        video.write(frame)
    part = video.leave()
    recovered = framemill.recover(part, tmp_path / "b.mkv", audio=(tone(1), RATE), audio_codec="flac")
    assert recovered == (tmp_path / "b.mkv", 30)
    assert np.abs(heard(recovered.path)[:, 0] - tone(1)).max() < 1e-4
    # A movie that was written to a pipe interleaves sound and frames.
    piped = tmp_path / "piped.mkv"
    with piped.open("wb") as file:
        pipe = Unseekable(file)
        framemill.write_video(pipe, frames(90), audio=(tone(3), RATE), audio_codec="flac", container="mkv")
    piped.write_bytes(piped.read_bytes()[: piped.stat().st_size * 2 // 3])
    path, count = framemill.recover(piped)
    assert 0 < count < 90
    assert len(heard(path)) > RATE // 2
    with pytest.warns(UserWarning, match=r"the sound ends 0\.500 s before the movie"):
        framemill.recover(part, tmp_path / "c.mkv", audio=(tone(0.5), RATE), audio_codec="flac")


class Unseekable:
    """A file that cannot seek."""

    def __init__(self, file):
        self._file = file

    def write(self, data):
        return self._file.write(data)

    def seekable(self):
        return False
