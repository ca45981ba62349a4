"""The driver: runs a program of blocks, each a kernel and what it is given, in one call of Python.

A block begins with the address of its function and how many words it has. A program is a function
of Python whose `self` is the array of its words; it takes the number of the part to compute, and
the arrays that blocks read and write, whose places they name. The driver takes the addresses out of
the arrays themselves, so that Python does nothing for each of them, and lets go of the lock of the
interpreter while kernels run.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gpugrad.engines.native.clock import print_now
from gpugrad.engines.native.objects import filled, function

NAME = "gpugrad_run"

_TEXT = """
define ptr @{name}(ptr %self, ptr %given, i64 %count) {
entry:
  %startp = getelementptr i8, ptr %self, i64 {data}
  %start = load ptr, ptr %startp
  %sizesp = getelementptr i8, ptr %self, i64 {sizes}
  %sizes = load ptr, ptr %sizesp
  %length = load i64, ptr %sizes
  %end = getelementptr i64, ptr %start, i64 %length
  %partp = load ptr, ptr %given
  %part = call i64 @PyLong_AsLong(ptr %partp)
  %frame = alloca ptr, i64 %count
  br label %bind
bind:
  %k = phi i64 [1, %entry], [%k1, %bound]
  %itemp = getelementptr ptr, ptr %given, i64 %k
  %item = load ptr, ptr %itemp
  %typep = getelementptr i8, ptr %item, i64 {type}
  %type = load ptr, ptr %typep
  %array = icmp eq ptr %type, @gpugrad_ndarray
  %k1 = add i64 %k, 1
  br i1 %array, label %look, label %scattered
look:
  %flagsp = getelementptr i8, ptr %item, i64 {flags}
  %flags = load i32, ptr %flagsp
  %needed = and i32 %flags, {needed}
  %fine = icmp eq i32 %needed, {needed}
  br i1 %fine, label %bound, label %scattered
scattered:
  %which = call ptr @PyLong_FromLong(i64 %k)
  ret ptr %which
bound:
  %datap = getelementptr i8, ptr %item, i64 {data}
  %data = load ptr, ptr %datap
  %k0 = sub i64 %k, 1
  %place = getelementptr ptr, ptr %frame, i64 %k0
  store ptr %data, ptr %place
  %more = icmp ult i64 %k1, %count
  br i1 %more, label %bind, label %begin
begin:{begun}
  %state = call ptr @PyEval_SaveThread()
  br label %run
run:
  %block = phi ptr [%start, %begin], [%next, %run]{counted}
  %kernel = load ptr, ptr %block
  %wordsp = getelementptr i64, ptr %block, i64 1
  %words = load i64, ptr %wordsp
  %wrong = call i64 %kernel(ptr %frame, ptr %block, i64 %part){ended}
  %next = getelementptr i64, ptr %block, i64 %words
  %last = icmp eq ptr %next, %end
  %well = icmp eq i64 %wrong, 0
  %going = select i1 %well, i1 %last, i1 true
  br i1 %going, label %done, label %run
done:
  call void @PyEval_RestoreThread(ptr %state)
  %at = ptrtoint ptr %block to i64
  %from = ptrtoint ptr %start to i64
  %bytes = sub i64 %at, %from
  %number = udiv i64 %bytes, 8
  %code = xor i64 %number, -1
  %answer = select i1 %well, i64 0, i64 %code
  %result = call ptr @PyLong_FromLong(i64 %answer)
  ret ptr %result
}

@gpugrad_ndarray = external global i8
declare i64 @PyLong_AsLong(ptr)
declare ptr @PyLong_FromLong(i64)
declare ptr @PyEval_SaveThread()
declare void @PyEval_RestoreThread(ptr)
"""
"""It gives 0; or the number of the first operand that is no array or does not lie in order, before
anything ran; or `-1 - word` of the block that found something wrong, after which none ran.
"""

TIMED = "gpugrad_timed_run"

_TIMES = {
    "begun": """
  %before = sub i64 %count, 2
  %timesp = getelementptr ptr, ptr %frame, i64 %before
  %times = load ptr, ptr %timesp
  %t0 = call i64 @now()
  store i64 %t0, ptr %times""",
    "counted": """
  %n = phi i64 [1, %begin], [%n1, %run]""",
    "ended": """
  %t = call i64 @now()
  %tp = getelementptr i64, ptr %times, i64 %n
  store i64 %t, ptr %tp
  %n1 = add i64 %n, 1""",
}
"""What the timed driver does besides: it writes nanoseconds to the last array that it is given, at
the begin and after each block.
"""


def text() -> str:
    """The driver for the objects of this Python and NumPy."""
    return filled(_TEXT, {"name": NAME, **dict.fromkeys(_TIMES, "")})


def timed_text() -> str:
    """The driver that also notes when blocks end."""
    return filled(_TEXT + print_now(), {"name": TIMED, **_TIMES})


def program(address: int, words: np.ndarray) -> Callable[..., int]:
    """The function of Python that runs a program, by the driver that is there in memory."""
    return function(address, words, b"run")
