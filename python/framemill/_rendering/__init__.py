"""Movies whose frames are drawn and encoded by many workers, segment by segment.

`render` splits the frames into segments (`_segments`) and hands them out to workers (`_pools`, `_handout`). A worker
draws (`_scene`) and encodes a segment (`_worker`). Finished segments wait in a folder (`_store`) until they are joined,
each with a record of what it was made from: `_fingerprint` describes it, `_code` finds what functions refer to, and
`_modules` knows what belongs to the user.
"""

from ._render import render

__all__ = ["render"]
