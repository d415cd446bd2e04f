"""Finished segments in a folder, until they are joined."""

from __future__ import annotations

import base64
import hashlib
import json
import uuid
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ._seam import PictureDigest

# Changes when records change their form.
SCHEMA = 2


@dataclass(frozen=True)
class Record:
    """Describes a finished segment, in a JSON file beside the segment, which also has a checksum of these fields.

    Attributes
    ----------
    schema : int
        The version of the format.
    fingerprint : str
        The fingerprint of everything that decides the movie's bytes.
    items : str
        The fingerprint of the items of its frames.
    file : str
        The name of the segment's file.
    sha256 : str
        The checksum of that file.
    size : (int, int)
        Width and height of its frames.
    frames : int
        The number of frames.
    movie, run : str
        Its statistics, as JSON.
    packets : str
        A row for each packet, compressed, in base 64.
    drawing : dict or None
        How its figures were drawn.
    picture : list or None
        A digest of the picture of the second segment's first frame. Only the first two segments have one, to compare
        them.
    """

    schema: int
    fingerprint: str
    items: str
    file: str
    sha256: str
    size: list[int]
    frames: int
    movie: str
    run: str
    packets: str
    drawing: dict[str, Any] | None
    picture: PictureDigest | None

    def packet_rows(self) -> bytes:
        """The packets, as the bytes of an array of `PACKET_DTYPE`."""
        return zlib.decompress(base64.b64decode(self.packets))


def compressed_text(rows: bytes) -> str:
    """Compress packet rows, and encode them in base 64."""
    return base64.b64encode(zlib.compress(rows)).decode()


class Store:
    """The finished segments of one movie. Several processes, and several runs, may share its folder.

    A segment's file has its checksum in its name, so it is never replaced by another one. Its record appears last.
    """

    def __init__(self, folder: Path, fingerprint: str, suffix: str) -> None:
        self.folder, self.fingerprint, self._suffix = folder, fingerprint, suffix

    def new_path(self, number: int) -> Path:
        """Return a unique name for a segment that is being made."""
        return self.folder / f"{number:06}-{uuid.uuid4().hex[:16]}.making{self._suffix}"

    def add(self, number: int, made: Path, **about: Any) -> Record:
        """Store a segment that was made at a `new_path`."""
        checksum = sha256_of(made)
        path = self.folder / f"{number:06}-{checksum[:16]}{self._suffix}"
        made.replace(path)
        record = Record(SCHEMA, self.fingerprint, file=path.name, sha256=checksum, **about)
        self._write(number, record)
        return record

    def add_bytes(self, number: int, content: bytes, record: Record) -> None:
        """Store a segment that arrived as bytes."""
        made = self.new_path(number)
        made.write_bytes(content)
        made.replace(self.folder / record.file)
        self._write(number, record)

    def find(self, number: int, items: str) -> Record | None:
        """Return the record of a segment, if it exists, is complete, and was drawn from these items."""
        try:
            fields = json.loads(self._record_path(number).read_text())
            if fields.pop("checksum", None) != _checksum(fields):
                return None
            record = Record(**fields)
            is_right = (record.schema, record.fingerprint, record.items) == (SCHEMA, self.fingerprint, items)
            return record if is_right and sha256_of(self.path(record)) == record.sha256 else None
        except (OSError, ValueError, TypeError):
            return None

    def discard(self, made: Path) -> None:
        """Remove an unfinished segment at a `new_path`."""
        for path in self.folder.glob(f"{made.name}*"):
            path.unlink(missing_ok=True)

    def path(self, record: Record) -> Path:
        """Return the path of a segment."""
        return self.folder / Path(record.file).name

    def _record_path(self, number: int) -> Path:
        return self.folder / f"{number:06}.json"

    def _write(self, number: int, record: Record) -> None:
        fields = vars(record)
        made = self.new_path(number)
        made.write_text(json.dumps({**fields, "checksum": _checksum(fields)}))
        made.replace(self._record_path(number))


def _checksum(fields: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(fields).encode()).hexdigest()


def sha256_of(path: Path) -> str:
    """Return the checksum of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
