"""Interfaces of other libraries, for scripts that are to change one import: `cv2` and `imageio_ffmpeg`."""
