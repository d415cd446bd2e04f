"""`RecordVideo`: movies of the episodes of a Gymnasium environment.

>>> from framemill.gymnasium import RecordVideo
>>> env = RecordVideo(env, "videos", episode_trigger=lambda episode: episode % 100 == 0, crf=18)  # doctest: +SKIP
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Generic, SupportsFloat
from weakref import WeakSet

import gymnasium as gym
from gymnasium import logger
from gymnasium.core import ActType, ObsType, RenderFrame
from gymnasium.utils import RecordConstructorArgs

from ._errors import FrameError, SettingsError
from ._loud_writer import LoudWriter
from ._writer import FrameRate

__all__ = ["RecordVideo"]

# The frame rate of environments that have none in their metadata, as in Gymnasium.
FPS = 30
# Render modes that give no pictures.
OTHER_RENDER_MODES = (None, "human", "ansi")
# The wrappers in this process that are not closed. Two with the same folder and name prefix write the same movies.
OPEN: WeakSet[Any] = WeakSet()


class RecordVideo(gym.Wrapper[ObsType, ActType, ObsType, ActType], Generic[ObsType, ActType], RecordConstructorArgs):
    """Records episodes, as `gymnasium.wrappers.RecordVideo` does, but encodes each frame at once and keeps none.

    A movie has one frame for the reset and one for each step. It appears when the next episode begins or when the
    environment is closed.

    Parameters
    ----------
    env : gymnasium.Env
        An environment with the render mode rgb_array or rgb_array_list.
    video_folder : path
        The folder for the movies. It is created if it does not exist. If it has movies with the same name prefix, or
        another wrapper in this process writes such movies to it, a warning is logged: they may be overwritten.
    episode_trigger : callable, optional
        Called with the number of an episode. Returns whether to record it. If no trigger is given, episodes 0, 1, 8,
        27, … and every 1000th are recorded.
    step_trigger : callable, optional
        Called with the number of a step, counted over all episodes. Returns whether to begin a movie there.
    video_length : int, default 0
        Frames per movie, which may continue into the next episode. 0 means until the end of the episode.
    name_prefix : str, default "rl-video"
        The start of the names: rl-video-episode-0.mp4, rl-video-step-0.mp4.
    fps : float, Fraction or str, optional
        Frames per second. By default `render_fps` in the metadata of the environment, or 30.
    disable_logger, gc_trigger
        Accepted and ignored: nothing is logged, and no frames are kept.
    **options
        As for `framemill.VideoWriter`: crf=18, preset="fast", …

    Attributes
    ----------
    recording : bool
        Whether a movie is being recorded.
    frames_per_sec : float, Fraction or str
        Frames per second.

    Raises
    ------
    framemill.SettingsError
        The environment renders no pictures, or an option is invalid. Also a ValueError.
    """

    def __init__(
        self,
        env: gym.Env[ObsType, ActType],
        video_folder: str | os.PathLike[str],
        episode_trigger: Callable[[int], bool] | None = None,
        step_trigger: Callable[[int], bool] | None = None,
        video_length: int = 0,
        name_prefix: str = "rl-video",
        fps: FrameRate | None = None,
        disable_logger: bool = True,
        gc_trigger: Callable[[int], bool] | None = None,
        **options: Any,
    ) -> None:
        RecordConstructorArgs.__init__(
            self,
            video_folder=video_folder,
            episode_trigger=episode_trigger,
            step_trigger=step_trigger,
            video_length=video_length,
            name_prefix=name_prefix,
            fps=fps,
            **options,
        )
        gym.Wrapper.__init__(self, env)
        if env.render_mode in OTHER_RENDER_MODES:
            raise SettingsError(
                f"the environment's render_mode is {env.render_mode!r}, which gives no pictures: make it with"
                ' render_mode="rgb_array"'
            )
        if isinstance(video_length, bool) or not isinstance(video_length, int) or video_length < 0:
            raise SettingsError(f"video_length must be a number of frames, or 0 for all, not {video_length!r}")
        if episode_trigger is None and step_trigger is None:
            episode_trigger = _cubes_and_thousands
        self.episode_trigger, self.step_trigger = episode_trigger, step_trigger
        self.video_folder = os.path.abspath(video_folder)
        self.name_prefix, self.video_length = name_prefix, video_length
        of_the_environment: Any = self.metadata.get("render_fps")
        self.frames_per_sec: FrameRate = (of_the_environment or FPS) if fps is None else fps
        self.step_id = self.episode_id = -1
        self._options = options
        self._video: LoudWriter | None = None
        # Pictures that the environment's `render` returned to us in lists, and the user has not seen yet.
        self._unseen: list[RenderFrame] = []
        os.makedirs(self.video_folder, exist_ok=True)
        self._warn_of_earlier_movies()
        # Report a wrong option here, and not after hours of training.
        self._movie(name_prefix).abort()
        OPEN.add(self)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[ObsType, dict[str, Any]]:
        """Reset the environment and end the movie of the last episode. Begin a new movie if a trigger asks for it.

        Parameters
        ----------
        seed, options
            As for `gymnasium.Env.reset`.
        """
        with self._watching():
            observation, info = self.env.reset(seed=seed, options=options)
        self.episode_id += 1
        if self.recording and self.video_length == 0:
            self.stop_recording()
        if self.episode_trigger is not None and self.episode_trigger(self.episode_id):
            self.start_recording(f"{self.name_prefix}-episode-{self.episode_id}")
        self._capture()
        return observation, info

    def step(self, action: ActType) -> tuple[ObsType, SupportsFloat, bool, bool, dict[str, Any]]:
        """Take a step in the environment, and record it.

        Parameters
        ----------
        action
            As for `gymnasium.Env.step`.
        """
        with self._watching():
            result = self.env.step(action)
        self.step_id += 1
        if self.step_trigger is not None and self.step_trigger(self.step_id):
            self.start_recording(f"{self.name_prefix}-step-{self.step_id}")
        self._capture()
        return result

    def render(self) -> RenderFrame | list[RenderFrame] | None:
        """Return what the environment renders. A list also contains the pictures recorded since the last call."""
        rendered = super().render()
        if not isinstance(rendered, list):
            return rendered
        unseen, self._unseen = self._unseen, []
        return unseen + rendered

    def close(self) -> None:
        """Close the environment, and publish the movie of the last episode."""
        OPEN.discard(self)
        try:
            super().close()
        finally:
            if self.recording:
                self.stop_recording()

    @property
    def recording(self) -> bool:
        """Whether a movie is being recorded."""
        return self._video is not None

    def start_recording(self, video_name: str) -> None:
        """Begin a movie. If one is being recorded, it is ended first.

        Parameters
        ----------
        video_name : str
            The name of the movie, without the extension.
        """
        if self.recording:
            self.stop_recording()
        self._video = self._movie(video_name)

    def stop_recording(self) -> None:
        """End the movie, and publish it."""
        video, self._video = self._video, None
        if video is None:
            return
        if video.frames == 0:
            video.abort()
            logger.warn("No frame was recorded, so there is no movie.")
        else:
            video.close()

    def __exit__(self, *args: Any) -> bool:
        self._end_with(*args)
        return super().__exit__(*args)

    def _warn_of_earlier_movies(self) -> None:
        """Warn if the folder has movies with the same prefix, or will get some from another wrapper."""
        beginnings = tuple(f"{self.name_prefix}-{what}-" for what in ("episode", "step"))
        are_there = any(name.startswith(beginnings) for name in os.listdir(self.video_folder))
        names = self.video_folder, self.name_prefix
        if are_there or any((other.video_folder, other.name_prefix) == names for other in OPEN):
            logger.warn(
                "%s",
                f"Movies in {self.video_folder} whose names start with {self.name_prefix!r} may be overwritten: to keep"
                " them, set another video_folder or name_prefix",
            )

    def _movie(self, name: str) -> LoudWriter:
        ending = self._options.get("container") or "mp4"
        return LoudWriter(os.path.join(self.video_folder, f"{name}.{ending}"), self.frames_per_sec, **self._options)

    @contextmanager
    def _watching(self) -> Iterator[None]:
        """Leave the movie unpublished if the block raises an exception."""
        try:
            yield
        except BaseException as error:
            self._end_with(type(error), error, error.__traceback__)
            raise

    def _end_with(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None and self._video is not None:
            video, self._video = self._video, None
            video.__exit__(kind, error, trace)

    def _capture(self) -> None:
        if self._video is None:
            return
        with self._watching():
            rendered: Any = self.env.render()
        if isinstance(rendered, list):
            if not rendered:
                raise FrameError(
                    f"frame {self._video.frames}: env.render() returned no picture. Call render of the outermost"
                    " wrapper only: each call empties the list"
                )
            self._unseen += rendered
            rendered = rendered[-1]
        self._video.write(rendered)
        if self._video.frames == self.video_length:
            self.stop_recording()


def _cubes_and_thousands(episode: int) -> bool:
    """Return whether Gymnasium's default trigger records an episode. Its own module needs MoviePy to be imported."""
    return episode % 1_000 == 0 if episode >= 1_000 else round(episode ** (1 / 3)) ** 3 == episode
