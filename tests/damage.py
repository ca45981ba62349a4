"""What can become of a file in a cache: each kind is a function of its path."""

import os
import socket

from gpugrad.engines.native.code_cache import CodeCache, _head


def cut(size):
    return lambda path: os.truncate(path, size if size >= 0 else path.stat().st_size + size)


def flip(place, bit=0):
    def damage(path):
        content = bytearray(path.read_bytes())
        content[place] ^= 1 << bit
        path.write_bytes(content)

    return damage


def instead(make):
    def damage(path):
        kept = path.with_suffix(".kept")
        path.rename(kept)
        make(path, kept)

    return damage


def full_folder(path, kept):
    (path / "below").mkdir(parents=True)
    (path / "below" / "file").write_bytes(b"no hash\n" * 20)


def link_to_a_circle(path, kept):
    path.symlink_to(path)


def bound_socket(path, kept):
    """By a short name: that of a socket is limited."""
    here = os.getcwd()
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(here)


def exchange(path):
    """With an entry that is whole, but has another name."""
    other = CodeCache(path.parent, lambda: None)
    other.store("b.o", b"another")
    (path.parent / "b.o").rename(path)


def at_the_same_time(change):
    def damage(path):
        before = path.stat()
        change(path)
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

    return damage


DAMAGE = {
    "cut to nothing": cut(0),
    "cut in its first line": cut(30),
    "cut to its first line": cut(len(_head("", b""))),
    "cut by half": lambda path: os.truncate(path, path.stat().st_size // 2),
    "cut by a byte": cut(-1),
    "longer by a byte": lambda path: path.write_bytes(path.read_bytes() + b"\0"),
    "longer than memory": lambda path: os.truncate(path, 2**40),
    "zeros": lambda path: path.write_bytes(bytes(path.stat().st_size)),
    "all of it twice": lambda path: path.write_bytes(path.read_bytes() * 2),
    "a bit of its hash": flip(5),
    "a bit of its length": flip(80),
    "a bit of its first byte": flip(len(_head("", b""))),
    "a bit of its last byte": flip(-1, 7),
    "a bit, and the time kept": at_the_same_time(flip(200)),
    "no first line": lambda path: path.write_bytes(b"no hash\n" * 20),
    "a name that is another's": exchange,
    "a folder": instead(lambda path, kept: path.mkdir()),
    "a folder with files": instead(full_folder),
    "a link to what it was": instead(lambda path, kept: path.symlink_to(kept)),
    "a link to nothing": instead(lambda path, kept: path.symlink_to("nothing")),
    "a link to a folder": instead(lambda path, kept: path.symlink_to(path.parent)),
    "a link to itself": instead(link_to_a_circle),
    "a pipe": instead(lambda path, kept: os.mkfifo(path)),
    "a socket": instead(bound_socket),
    "writable by all": lambda path: path.chmod(0o666),
    "writable by a group": lambda path: path.chmod(0o620),
}
