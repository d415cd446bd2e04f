"""Interfaces of other libraries, for scripts that change only an import: `cv2` and `imageio_ffmpeg`."""
