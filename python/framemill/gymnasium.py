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

import gymnasium as gym
from gymnasium import logger
from gymnasium.core import ActType, ObsType, RenderFrame
from gymnasium.utils import RecordConstructorArgs

from ._errors import FrameError, SettingsError
from ._loud_writer import LoudWriter
from ._writer import FrameRate

__all__ = ["RecordVideo"]

# Frames a second of environments that have none in their metadata: as in Gymnasium.
FPS = 30
# What gives no pictures.
OTHER_RENDER_MODES = (None, "human", "ansi")


class RecordVideo(gym.Wrapper[ObsType, ActType, ObsType, ActType], Generic[ObsType, ActType], RecordConstructorArgs):
    """Records episodes, as `gymnasium.wrappers.RecordVideo` does, but encodes each frame at once and keeps none.

    A movie has a frame for the reset and one for each step. It appears when the next episode begins, and in `close`.

    Parameters
    ----------
    env : gymnasium.Env
        An environment whose render mode is rgb_array or rgb_array_list.
    video_folder : path
        Where movies go. It is made if it is not there.
    episode_trigger : callable, optional
        Whether to record the episode of this number. Without any trigger: 0, 1, 8, 27, … and each 1000th.
    step_trigger : callable, optional
        Whether to begin a movie at the step of this number, counted over all episodes.
    video_length : int, default 0
        Frames of a movie, which may go on in the next episode. 0 means up to the end of the episode.
    name_prefix : str, default "rl-video"
        Movies are called rl-video-episode-0.mp4 and rl-video-step-0.mp4.
    fps : float, Fraction or str, optional
        Frames a second; by default `render_fps` in the metadata of the environment, or 30.
    disable_logger, gc_trigger
        Taken, and not needed: nothing is logged, and no frames are kept.
    **options
        As for `framemill.VideoWriter`: crf=18, preset="fast", …

    Attributes
    ----------
    recording : bool
        Whether a movie is being recorded.
    frames_per_sec : float, Fraction or str
        Frames a second.

    Raises
    ------
    framemill.SettingsError
        The environment renders no pictures, or an option cannot be. Also a ValueError.
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
            raise SettingsError(f"video_length must be a number of frames, or 0 for all, and is {video_length!r}")
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
        # What `render` of the environment returned as lists, and its user did not see.
        self._unseen: list[RenderFrame] = []
        os.makedirs(self.video_folder, exist_ok=True)
        # A wrong option is an error here, and not after hours of training.
        self._movie(name_prefix).abort()

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[ObsType, dict[str, Any]]:
        """Reset the environment, end the movie of the episode, and begin one if it is time.

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
        """What the environment renders; of a list also what was recorded since the last call."""
        rendered = super().render()
        if not isinstance(rendered, list):
            return rendered
        unseen, self._unseen = self._unseen, []
        return unseen + rendered

    def close(self) -> None:
        """Close the environment, and publish the movie of the last episode."""
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
        """Begin a movie; one that is being recorded is ended first.

        Parameters
        ----------
        video_name : str
            The name of the movie, without its ending.
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

    def _movie(self, name: str) -> LoudWriter:
        ending = self._options.get("container") or "mp4"
        return LoudWriter(os.path.join(self.video_folder, f"{name}.{ending}"), self.frames_per_sec, **self._options)

    @contextmanager
    def _watching(self) -> Iterator[None]:
        """If the environment fails in the block, nothing is published of the movie."""
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
    """The default trigger, which is Gymnasium's: its module cannot be imported without MoviePy."""
    return episode % 1_000 == 0 if episode >= 1_000 else round(episode ** (1 / 3)) ** 3 == episode
