"""Notes: which collective each rank of a world has come to, where all others can read it.

A rank notes each call, which takes a tenth of a microsecond and asks nobody. One that traces or
debugs looks, before it makes a call, whether that is what all others have come to. So it may trace
alone, as where its rows are fewer: the others run what they have compiled, and need not know.
"""

from __future__ import annotations

import atexit
import os
from hashlib import blake2b
from time import sleep
from typing import Any

import numpy as np

from gpugrad.errors import RanksDisagree

_RING, _TEXTS, _WORDS = 64, 64, 240

NOTE = np.dtype(
    [
        ("come", "i8"),                             # to so many collectives
        ("last", "i8", _RING),                      # the digests of the last ones
        ("texts", [("digest", "i8"), ("words", f"S{_WORDS}")], _TEXTS),
        ("waits", "?"),                             # where somebody watches
        ("what", f"S{_WORDS}"),
        ("line", f"S{_WORDS}"),
    ]
)


class Notes:
    """The notes of this rank, and a look at those of all ranks of a communicator."""

    def __init__(self, comm: Any) -> None:
        from mpi4py import MPI

        self._comm = comm
        self._window = MPI.Win.Allocate(NOTE.itemsize, comm=comm)
        memory: Any = self._window.tomemory()       # NumPy's types do not know its kind
        self.mine = np.frombuffer(memory, NOTE)
        self.mine[:] = np.zeros(1, NOTE)
        self._numbers = memoryview(memory).cast("B")[: 8 * (1 + _RING)].cast("q")
        self._come, self._process = 0, os.getpid()
        comm.Barrier()                              # nobody reads what is not there yet
        self._window.Lock_all()
        atexit.register(self._close)

    def _close(self) -> None:
        if os.getpid() != self._process:            # a child has no part in it
            return
        self.mine["line"] = b"its end"
        self._window.Unlock_all()
        self._window.Free()

    def post(self, digest: int) -> None:
        """Note that this rank makes its next call now."""
        self._come = come = self._come + 1
        numbers = self._numbers
        numbers[1 + come % _RING] = digest
        numbers[0] = come

    def digest(self, words: str, line: str = "") -> int:
        """A number for a call, of which the words can be found by others."""
        found = int.from_bytes(blake2b(words.encode(), digest_size=7).digest(), "little")
        text = self.mine["texts"][0, found % _TEXTS]
        if line or text["digest"] != found:
            text["digest"] = found
            text["words"] = written(f"{words} at {line}" if line else words)
        return found

    def agree(self, words: str, line: str) -> None:
        """Wait until all ranks have come to the call that this one is about to make.

        Raises:
            RanksDisagree: Where it is another one.
        """
        digest, number = self.digest(words, line), self._come + 1
        self._numbers[1 + number % _RING] = digest
        self._numbers[0] = number
        others = {r: self._note(r, number) for r in range(self._comm.size) if r != self._comm.rank}
        if all(note["last"][number % _RING] == digest or note["come"] >= number + _RING
               for note in others.values()):  # fmt: skip
            return
        by_words: dict[str, list[int]] = {}
        for rank in range(self._comm.size):
            note = others.get(rank, self.mine[0])
            by_words.setdefault(_words(note, int(note["last"][number % _RING])), []).append(rank)
        found = "; ".join(
            f"rank{'s' * (len(ranks) > 1)} {', '.join(map(str, ranks))}: {words}"
            for words, ranks in by_words.items()
        )
        self._come = number                         # so that none looks at another call instead
        raise RanksDisagree(
            f"ranks do not call the same collective: {found}. All ranks of a world make the "
            "same calls in the same order, with arrays of the same shape and dtype."
        )

    def all(self) -> np.ndarray:
        """The notes of all ranks, as they are now."""
        found = np.zeros(self._comm.size, NOTE)
        for rank in range(self._comm.size):
            self._read(rank, found[rank : rank + 1])
        return found

    def _note(self, rank: int, number: int) -> Any:
        """The note of another rank, when it has come to that call."""
        found = np.zeros(1, NOTE)
        looks = 0
        while True:
            self._read(rank, found)
            if found["come"][0] >= number:
                return found[0]
            looks += 1
            sleep(0 if looks < 100 else 0.001)      # it may need this core to come here

    def _read(self, rank: int, found: np.ndarray) -> None:
        self._window.Get(found.view("u1"), rank)
        self._window.Flush(rank)


def written(text: str) -> bytes:
    """As much of a text as a note has room for; of a long one the middle is left out."""
    data = text.encode()
    half = _WORDS // 2 - 2
    return data if len(data) <= _WORDS else data[:half] + b"..." + data[-half:]


def read(note: Any, name: str) -> str:
    """The text of a note."""
    text: str = note[name].decode(errors="replace")
    return text


def _words(note: Any, digest: int) -> str:
    text = note["texts"][digest % _TEXTS]
    return read(text, "words") if text["digest"] == digest else "another call"
