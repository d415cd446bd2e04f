"""Compares `RecordVideo` with Gymnasium's."""

import sys
import types

import framemill
import gymnasium as gym
import numpy as np
import pytest
from framemill.gymnasium import RecordVideo
from gymnasium.wrappers import RecordVideo as TheirRecordVideo
from gymnasium.wrappers import RenderCollection, TimeLimit
from reader import decode, difference, frame_count, probe

EXACT = {"codec": "h264-rgb", "lossless": True}


def picture(episode, step):
    """Draw a different picture for each step of each episode."""
    return np.random.default_rng([episode, step]).integers(0, 256, (48, 64, 3), np.uint8)


class Walk(gym.Env):
    """An environment that ends after `length` steps and may fail at a given step."""

    metadata = {"render_modes": ["rgb_array", "human"], "render_fps": 25}  # noqa: RUF012
    action_space = gym.spaces.Discrete(2)
    observation_space = gym.spaces.Discrete(1000)

    def __init__(self, length=5, fails_at=None, render_mode="rgb_array"):
        self.length, self.fails_at, self.render_mode = length, fails_at, render_mode
        self.episode, self.is_closed = -1, False

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.episode, self.at = self.episode + 1, 0
        return 0, {}

    def step(self, action):
        self.at += 1
        if self.at == self.fails_at:
            raise ZeroDivisionError("the simulation exploded")
        return self.at, 1.0, self.at == self.length, False, {}

    def render(self):
        return picture(self.episode, self.at)

    def close(self):
        self.is_closed = True


def run(env, episodes=1):
    for _ in range(episodes):
        env.reset()
        is_over = False
        while not is_over:
            _, _, terminated, truncated, _ = env.step(0)
            is_over = terminated or truncated


def counts(folder):
    return {path.name: frame_count(path) for path in sorted(folder.iterdir())}


def test_a_movie_has_the_reset_and_each_step(tmp_path):
    env = RecordVideo(Walk(), tmp_path / "made", episode_trigger=lambda episode: episode % 2 == 0, **EXACT)
    run(env, 3)
    assert env.recording and (tmp_path / "made" / "rl-video-episode-0.mp4").exists()
    assert not (tmp_path / "made" / "rl-video-episode-2.mp4").exists()
    env.close()
    assert not env.recording and env.unwrapped.is_closed
    assert counts(tmp_path / "made") == {"rl-video-episode-0.mp4": 6, "rl-video-episode-2.mp4": 6}
    seen = decode(tmp_path / "made" / "rl-video-episode-2.mp4")
    assert difference(seen, [picture(2, step) for step in range(6)]) == 0
    assert probe(tmp_path / "made" / "rl-video-episode-2.mp4")["avg_frame_rate"] == "25/1"


TRIGGERS = {
    "the default": {},
    "each episode": {"episode_trigger": lambda episode: True},
    "one step": {"step_trigger": lambda step: step == 7},
    "steps within episodes": {"step_trigger": lambda step: step in (2, 4, 11), "name_prefix": "walk"},
    "both": {"episode_trigger": lambda episode: episode == 1, "step_trigger": lambda step: step == 8},
}


@pytest.fixture
def their_movies(monkeypatch):
    """Replace MoviePy, and collect the number of frames of each movie that Gymnasium would write."""
    movies = {}

    class Clip:
        def __init__(self, frames, fps):
            self.frames = list(frames)

        def write_videofile(self, path, logger):
            movies[path.rpartition("/")[2]] = len(self.frames)

    for name in ("moviepy", "moviepy.video", "moviepy.video.io"):
        monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
    module = types.ModuleType("moviepy.video.io.ImageSequenceClip")
    module.ImageSequenceClip = Clip
    monkeypatch.setitem(sys.modules, module.__name__, module)
    yield movies
    sys.modules.pop("gymnasium.utils.save_video", None)


@pytest.mark.parametrize("kind", TRIGGERS)
def test_names_and_counts_equal_those_of_gymnasium(tmp_path, their_movies, kind):
    for wrapper, folder in ((TheirRecordVideo, "theirs"), (RecordVideo, "ours")):
        env = wrapper(TimeLimit(Walk(), 4), str(tmp_path / folder), **TRIGGERS[kind])
        run(env, 4)
        env.close()
    assert counts(tmp_path / "ours") == their_movies
    assert len(their_movies) > 0


def test_the_default_trigger_is_that_of_gymnasium(tmp_path, their_movies):
    trigger = RecordVideo(Walk(), tmp_path).episode_trigger
    theirs = TheirRecordVideo(Walk(), str(tmp_path / "theirs")).episode_trigger
    assert [trigger(episode) for episode in range(5_000)] == [theirs(episode) for episode in range(5_000)]


def test_video_length_sets_the_number_of_frames(tmp_path, their_movies):
    length = {"step_trigger": lambda step: step % 8 == 0, "video_length": 7}
    for wrapper, folder in ((TheirRecordVideo, "theirs"), (RecordVideo, "ours")):
        env = wrapper(Walk(), str(tmp_path / folder), **length)
        run(env, 4)
        env.close()
    # The third movie starts at step 16, and three steps are left.
    assert counts(tmp_path / "ours") == {"rl-video-step-0.mp4": 7, "rl-video-step-16.mp4": 4, "rl-video-step-8.mp4": 7}
    # Gymnasium's movies have one frame too many.
    assert their_movies == {"rl-video-step-0.mp4": 8, "rl-video-step-8.mp4": 8, "rl-video-step-16.mp4": 4}


def test_lists_of_pictures_are_recorded_and_returned(tmp_path):
    env = RecordVideo(RenderCollection(Walk(), pop_frames=True), tmp_path, **EXACT)
    run(env)
    seen = env.render()
    env.close()
    assert difference(seen, [picture(0, step) for step in range(6)]) == 0
    assert difference(decode(tmp_path / "rl-video-episode-0.mp4"), seen) == 0


def test_a_list_that_another_wrapper_emptied_is_named(tmp_path):
    inner = RenderCollection(Walk(), pop_frames=True, reset_clean=True)
    env = RecordVideo(inner, tmp_path)
    env.reset()
    inner.step = lambda action: (0, 0.0, False, False, {})
    with pytest.raises(framemill.FrameError, match=r"frame 1: env.render\(\) returned no picture"):
        env.step(0)
    env.close()


@pytest.mark.parametrize(
    ("arguments", "rate"),
    [({}, "25/1"), ({"fps": 29.97}, "30000/1001"), ({"container": "mkv"}, "25/1")],
    ids=str,
)
def test_the_rate_and_the_options(tmp_path, arguments, rate):
    env = RecordVideo(Walk(), tmp_path, **arguments, disable_logger=True, metadata={"title": "A walk"})
    run(env)
    env.close()
    (path,) = tmp_path.iterdir()
    assert path.suffix == f".{arguments.get('container', 'mp4')}"
    seen = probe(path)
    assert seen["avg_frame_rate"] == rate and seen["tags"]["title"] == "A walk"


def test_the_default_rate_is_30(tmp_path):
    env = Walk()
    env.metadata = {"render_modes": ["rgb_array"]}
    assert RecordVideo(env, tmp_path).frames_per_sec == 30
    env.metadata = {"render_modes": ["rgb_array"], "render_fps": None}
    assert RecordVideo(env, tmp_path).frames_per_sec == 30


def test_an_environment_that_fails_publishes_nothing(tmp_path):
    env = RecordVideo(Walk(fails_at=3), tmp_path)
    with pytest.raises(ZeroDivisionError) as caught:
        run(env)
    assert not env.recording
    env.close()
    assert "framemill: the frames that were written before (3)" in caught.value.__notes__[0]
    part_file = tmp_path / "rl-video-episode-0.mp4.part"
    assert list(tmp_path.iterdir()) == [part_file]
    assert framemill.recover(part_file).frames == 3


def test_the_next_episode_is_recorded_after_one_that_failed(tmp_path):
    env = RecordVideo(Walk(fails_at=3), tmp_path, episode_trigger=lambda episode: True)
    with pytest.raises(ZeroDivisionError):
        run(env)
    env.unwrapped.fails_at = None
    run(env)
    env.close()
    assert frame_count(tmp_path / "rl-video-episode-1.mp4") == 6


def test_an_exception_in_the_block_publishes_nothing(tmp_path):
    with pytest.raises(ZeroDivisionError), RecordVideo(Walk(), tmp_path) as env:
        run(env)
        raise ZeroDivisionError
    assert env.unwrapped.is_closed
    assert [path.suffix for path in tmp_path.iterdir()] == [".part"]


def test_ctrl_c_keeps_the_movie(tmp_path):
    with pytest.raises(KeyboardInterrupt), RecordVideo(Walk(), tmp_path) as env:
        run(env)
        raise KeyboardInterrupt
    assert counts(tmp_path) == {"rl-video-episode-0.mp4": 6}


def test_an_environment_that_is_never_closed_causes_a_warning(tmp_path):
    env = RecordVideo(Walk(), tmp_path)
    run(env)
    with pytest.warns(RuntimeWarning, match=r"rl-video-episode-0.mp4', 6 frames, open> was not closed"):
        del env
    assert [path.suffix for path in tmp_path.iterdir()] == [".part"]


def test_recording_by_hand(tmp_path):
    env = RecordVideo(Walk(), tmp_path, episode_trigger=lambda episode: False)
    env.reset()
    env.stop_recording()
    env.start_recording("by-hand")
    env.step(0)
    env.step(0)
    env.start_recording("again")
    with pytest.warns(UserWarning, match="No frame was recorded"):
        env.close()
    assert counts(tmp_path) == {"by-hand.mp4": 2}


def test_movies_that_would_be_overwritten_cause_a_warning(tmp_path, recwarn):
    first = RecordVideo(Walk(), tmp_path)
    RecordVideo(Walk(), tmp_path, name_prefix="other")
    (tmp_path / "notes.txt").touch()
    assert not [warning for warning in recwarn if "may be overwritten" in str(warning.message)]
    # The first environment has written nothing yet.
    with pytest.warns(UserWarning, match=r"Movies in .* whose names start with 'rl-video' may be overwritten: to keep"):
        RecordVideo(Walk(), tmp_path)
    run(first)
    first.close()
    with pytest.warns(UserWarning, match="may be overwritten"):
        RecordVideo(Walk(), tmp_path)


WRONG = [
    ({"env": Walk(render_mode=None)}, "render_mode is None, which gives no pictures: make it with render_mode="),
    ({"env": Walk(render_mode="human")}, "render_mode is 'human'"),
    ({"video_length": -1}, "video_length must be a number of frames, or 0 for all, not -1"),
    ({"crf": 99}, "crf"),
    ({"prest": "fast"}, "no option 'prest'; did you mean 'preset'"),
    ({"fps": True}, "fps must be a number, .* not True"),
    ({"codec": "ffv1"}, "mp4"),
]


@pytest.mark.parametrize(("arguments", "message"), WRONG, ids=lambda value: str(value)[:30])
def test_environments_that_cannot_be_recorded_are_refused_before_training(tmp_path, arguments, message):
    with pytest.raises((framemill.SettingsError, framemill.SettingsTypeError), match=message):
        RecordVideo(**{"env": Walk(), "video_folder": tmp_path, **arguments})
    assert list(tmp_path.iterdir()) == []
