"""Parallel ranges: blocks that threads run side by side, handed out without Python.

What belongs to which part of a range does not depend on the number of threads, and so neither do
results. Helpers wait for parts, at first at work and then asleep. Whoever comes to a range hands
out its parts, does what the helpers leave, and waits for those that they are at. There is one range
at a time: a caller that comes while another one's is running does all parts of its own alone.

Helpers that sleep are woken where there is enough to do until the run ends, or where ranges have
followed each other for long enough: to wake them takes some microseconds, and they come later
still. Where others have the cores that helpers would need, as threads of a BLAS that look for work
do for a while, a caller waits longer for what a helper has begun than it would have taken to do it,
or shares its core with its helpers, or with others while helpers do it all: then it works alone for
a time, and tries again.
"""

from __future__ import annotations

import platform
import sys

import numpy as np

from gpugrad.engines.native.clock import print_now

HELP = "gpugrad_help"
"""The function that a helper runs, until it is told to stop."""

MOST_HELPERS = 63

SHARED = 2 * 10**6
"""Nanoseconds for which ranges follow each other on a core that caller and helpers share, before
they count as lost: where another core is free, the system moves a thread there sooner.
"""

SPIN = 2**13
"""Looks at whether there is something to do before a thread falls asleep: some 0.2 ms."""

WORTH = 10**5
"""Nanoseconds of work in ranges, until the run ends, for which sleeping helpers are woken; or for
which ranges have come, each within such a time from the one before.
"""

LOSS = 2
"""A range is lost where its caller waited for others more than so many times what they saved it."""

HELD = 3
"""A range is lost, too, where each helper did more than so many times the parts of its caller, who
then shares a core with somebody else.
"""

PAUSE, RETRY = 4, 32
"""Callers work alone for at least and at most so many times what was waited in the range that was
lost last: a processor is somebody else's for longer than for one turn.
"""

BUSY, UNBEGUN, LEFT, WRONG, JOB, WANTED, WAITING, ALONE, HELPERS = 0, 8, 16, 24, 32, 40, 48, 56, 64
"""Where in the words of the team is what threads tell each other; each has a line of the cache of
its own. Whether a range is running; a bit for each of its parts that nobody has begun yet; how many
are not done; what was found wrong. The range itself: frame, first block, words from block to block,
how many parts there are, and for how many threads. How many helpers are wanted, and whether those
there are shall stop. Whether the caller is asleep, and its lock. Until when callers work alone, and
for how long they do; when the last range was opened, when the first was that it followed in short
steps, and since when they share a core. Of each helper, whether it is asleep, its lock, and on
which core it was when it last began to look for work.
"""

words: np.ndarray = np.zeros(HELPERS + 8 * MOST_HELPERS, np.int64)

SYMBOLS = {"gpugrad_team": words.ctypes.data}
"""What these functions name beside those of CPython, and where it is."""

_RANGE = """
define i64 @{name}(ptr %frame, ptr %block, i64 %part) {
entry:
  %partsp = getelementptr i64, ptr %block, i64 2
  %parts = load i64, ptr %partsp
  %stepp = getelementptr i64, ptr %block, i64 3
  %step = load i64, ptr %stepp
  %workp = getelementptr i64, ptr %block, i64 4
  %first = getelementptr i64, ptr %block, i64 5
  %wantedp = getelementptr i64, ptr @gpugrad_team, i64 {WANTED}
  %wanted = load atomic i64, ptr %wantedp monotonic, align 8
  %others = sub i64 %parts, 1
  %helpers = call i64 @llvm.umin.i64(i64 %wanted, i64 %others)
  %some = icmp ne i64 %helpers, 0
  br i1 %some, label %ask, label %alone
ask:
  %untilp = getelementptr i64, ptr @gpugrad_team, i64 {ALONE}
  %until = load atomic i64, ptr %untilp monotonic, align 8
  %ever = icmp ne i64 %until, 0
  br i1 %ever, label %clock, label %try
clock:
  %now = call i64 @now()
  %early = icmp slt i64 %now, %until
  br i1 %early, label %alone, label %try
try:
  %taken = cmpxchg ptr @gpugrad_team, i64 0, i64 1 seq_cst seq_cst
  %mine = extractvalue {i64, i1} %taken, 1
  br i1 %mine, label %open, label %alone
open:
  %opened = call i64 @now()
  %here = call i64 @here(i64 -1)
  %jobp = getelementptr i64, ptr @gpugrad_team, i64 {JOB}
  store ptr %frame, ptr %jobp
  %jobp1 = getelementptr i64, ptr %jobp, i64 1
  store ptr %first, ptr %jobp1
  %jobp2 = getelementptr i64, ptr %jobp, i64 2
  store i64 %step, ptr %jobp2
  %jobp3 = getelementptr i64, ptr %jobp, i64 3
  store i64 %parts, ptr %jobp3
  %leftp = getelementptr i64, ptr @gpugrad_team, i64 {LEFT}
  store i64 %parts, ptr %leftp
  %wrongp = getelementptr i64, ptr @gpugrad_team, i64 {WRONG}
  store i64 0, ptr %wrongp
  %threads = add i64 %helpers, 1
  %jobp4 = getelementptr i64, ptr %jobp, i64 4
  store i64 %threads, ptr %jobp4
  %unbegunp = getelementptr i64, ptr @gpugrad_team, i64 {UNBEGUN}
  %missing = sub i64 64, %parts
  %bits = lshr i64 -1, %missing
  store atomic i64 %bits, ptr %unbegunp seq_cst, align 8
  %work = load i64, ptr %workp
  %lastp = getelementptr i64, ptr %untilp, i64 2
  %last = load i64, ptr %lastp
  store i64 %opened, ptr %lastp
  %gap = sub i64 %opened, %last
  %follows = icmp ult i64 %gap, {WORTH}
  %sincep = getelementptr i64, ptr %untilp, i64 3
  %since0 = load i64, ptr %sincep
  %since = select i1 %follows, i64 %since0, i64 %opened
  store i64 %since, ptr %sincep
  %already = sub i64 %opened, %since
  %most = call i64 @llvm.umax.i64(i64 %already, i64 %work)
  %worth = icmp uge i64 %most, {WORTH}
  br i1 %worth, label %wake, label %join
wake:
  %h = phi i64 [0, %open], [%h1, %wake]
  %h8 = mul i64 %h, 8
  %sleeper = add i64 %h8, {HELPERS}
  %sleepp = getelementptr i64, ptr @gpugrad_team, i64 %sleeper
  call void @wake(ptr %sleepp)
  %h1 = add i64 %h, 1
  %nextone = icmp ult i64 %h1, %helpers
  br i1 %nextone, label %wake, label %join
join:
  %own = call i64 @work(i64 0)
  %their = sub i64 %parts, %own
  %share0 = mul i64 %own, %helpers
  %share = mul i64 %share0, {HELD}
  %held = icmp ugt i64 %their, %share
  br i1 %held, label %behind, label %done
behind:
  %now3 = call i64 @now()
  %behindby = sub i64 %now3, %opened
  call void @judge(i1 true, i64 %behindby, i64 %now3)
  br label %done
done:
  %begun = load atomic i64, ptr %leftp seq_cst, align 8
  %all0 = icmp eq i64 %begun, 0
  br i1 %all0, label %well, label %late
well:
  br i1 %held, label %close, label %fair
fair:
  %apart = call i1 @apart(i64 %helpers, i64 %here)
  %beganp = getelementptr i64, ptr %untilp, i64 4
  %began = load i64, ptr %beganp
  %anew = xor i1 %follows, true
  %never = or i1 %apart, %anew
  %began1 = select i1 %never, i64 %opened, i64 %began
  store i64 %began1, ptr %beganp
  %together = sub i64 %opened, %began1
  %stuck = icmp uge i64 %together, {SHARED}
  call void @judge(i1 %stuck, i64 {SHARED}, i64 %opened)
  br label %close
late:
  %joined = call i64 @now()
  %apart2 = call i1 @apart(i64 %helpers, i64 %here)
  %spin = select i1 %apart2, i64 {SPIN}, i64 1
  br label %look
look:
  %looks = phi i64 [%spin, %late], [%looks1, %pause], [%spin, %rest]
  %left = load atomic i64, ptr %leftp seq_cst, align 8
  %ready = icmp eq i64 %left, 0
  br i1 %ready, label %waited, label %pause
pause:
  {pause}
  %looks1 = sub i64 %looks, 1
  %on = icmp ne i64 %looks1, 0
  br i1 %on, label %look, label %rest
rest:
  %waitp = getelementptr i64, ptr @gpugrad_team, i64 {WAITING}
  store atomic i64 1, ptr %waitp seq_cst, align 8
  %left2 = load atomic i64, ptr %leftp seq_cst, align 8
  %ready2 = icmp eq i64 %left2, 0
  call void @sleep(ptr %waitp, i1 %ready2)
  br label %look
waited:
  %closed = call i64 @now()
  %wait = sub i64 %closed, %joined
  %worked = sub i64 %joined, %opened
  %spent = mul i64 %wait, %own
  %saved = mul i64 %worked, %their
  %much = mul i64 %saved, {LOSS}
  %lost = icmp sgt i64 %spent, %much
  br i1 %held, label %close, label %tell
tell:
  call void @judge(i1 %lost, i64 %wait, i64 %closed)
  br label %close
close:
  %wrong = load atomic i64, ptr %wrongp seq_cst, align 8
  store atomic i64 0, ptr @gpugrad_team seq_cst, align 8
  ret i64 %wrong
alone:
  %i = phi i64 [0, %entry], [0, %clock], [0, %try], [%i1, %alone]
  %sofar = phi i64 [0, %entry], [0, %clock], [0, %try], [%all, %alone]
  %found = call i64 @one(ptr %frame, ptr %first, i64 %step, i64 %i)
  %all = or i64 %sofar, %found
  %i1 = add i64 %i, 1
  %more = icmp ult i64 %i1, %parts
  br i1 %more, label %alone, label %end
end:
  ret i64 %all
}

define internal i1 @apart(i64 %helpers, i64 %here) {
entry:
  br label %look
look:
  %h = phi i64 [0, %entry], [%h1, %next]
  %h8 = mul i64 %h, 8
  %at = add i64 %h8, {HELPERS}
  %wherep0 = getelementptr i64, ptr @gpugrad_team, i64 %at
  %wherep = getelementptr i64, ptr %wherep0, i64 2
  %where = load atomic i64, ptr %wherep monotonic, align 8
  %other = icmp ne i64 %where, %here
  br i1 %other, label %end, label %next
next:
  %h1 = add i64 %h, 1
  %more = icmp ult i64 %h1, %helpers
  br i1 %more, label %look, label %end
end:
  %found = phi i1 [true, %look], [false, %next]
  ret i1 %found
}

define internal void @judge(i1 %lost, i64 %wait, i64 %closed) {
entry:
  %untilp = getelementptr i64, ptr @gpugrad_team, i64 {ALONE}
  %timep = getelementptr i64, ptr %untilp, i64 1
  %time = load i64, ptr %timep
  br i1 %lost, label %longer, label %shorter
longer:
  %twice = shl i64 %time, 1
  %least = mul i64 %wait, {PAUSE}
  %more = call i64 @llvm.umax.i64(i64 %twice, i64 %least)
  %most = mul i64 %wait, {RETRY}
  %next = call i64 @llvm.umin.i64(i64 %more, i64 %most)
  store i64 %next, ptr %timep
  %until = add i64 %closed, %next
  store atomic i64 %until, ptr %untilp monotonic, align 8
  ret void
shorter:
  %share = lshr i64 %time, 3
  %less = sub i64 %time, %share
  store i64 %less, ptr %timep
  ret void
}
"""
"""The kernel of a range. Words are how many parts there are, how many words there are from the
block of one to that of the next, and how many nanoseconds of work there are in ranges until the run
ends, about; where there are no words between blocks, one block does the part whose number it is
told. The blocks follow.

`apart` says whether a helper is on another core than the caller, and `judge` for how long callers
work alone: each range that is lost doubles the time, each that is not makes it shorter.
"""

_HELP = """
define void @{name}(i64 %me) {
entry:
  %me8 = mul i64 %me, 8
  %mine = add i64 %me8, {HELPERS}
  %sleepp = getelementptr i64, ptr @gpugrad_team, i64 %mine
  %herep = getelementptr i64, ptr %sleepp, i64 2
  %number = add i64 %me, 1
  %wantedp = getelementptr i64, ptr @gpugrad_team, i64 {WANTED}
  %stopp = getelementptr i64, ptr %wantedp, i64 1
  br label %begin
begin:
  %here = call i64 @here(i64 %me)
  store atomic i64 %here, ptr %herep monotonic, align 8
  br label %look
look:
  %looks = phi i64 [{SPIN}, %begin], [%looks1, %pause]
  %there = call i1 @something(i64 %me)
  br i1 %there, label %help, label %pause
help:
  %did = call i64 @work(i64 %number)
  br label %begin
pause:
  {pause}
  %looks1 = sub i64 %looks, 1
  %on = icmp ne i64 %looks1, 0
  br i1 %on, label %look, label %rest
rest:
  %stop = load atomic i64, ptr %stopp seq_cst, align 8
  %go = icmp ne i64 %stop, 0
  br i1 %go, label %end, label %lie
lie:
  store atomic i64 1, ptr %sleepp seq_cst, align 8
  %there2 = call i1 @something(i64 %me)
  %stop2 = load atomic i64, ptr %stopp seq_cst, align 8
  %go2 = icmp ne i64 %stop2, 0
  %up = or i1 %there2, %go2
  call void @sleep(ptr %sleepp, i1 %up)
  br label %begin
end:
  ret void
}

define internal i1 @something(i64 %me) {
  %wantedp = getelementptr i64, ptr @gpugrad_team, i64 {WANTED}
  %wanted = load atomic i64, ptr %wantedp seq_cst, align 8
  %called = icmp ult i64 %me, %wanted
  %unbegunp = getelementptr i64, ptr @gpugrad_team, i64 {UNBEGUN}
  %unbegun = load atomic i64, ptr %unbegunp seq_cst, align 8
  %some = icmp ne i64 %unbegun, 0
  %there = and i1 %called, %some
  ret i1 %there
}
"""
"""What the helper of that number does: it looks for parts, for a while, and then falls asleep."""

_WORK = """
define internal i64 @one(ptr %frame, ptr %first, i64 %step, i64 %i) {
  %words = mul i64 %i, %step
  %block = getelementptr i64, ptr %first, i64 %words
  %kernel = load ptr, ptr %block
  %same = icmp eq i64 %step, 0
  %part = select i1 %same, i64 %i, i64 0
  %wrong = call i64 %kernel(ptr %frame, ptr %block, i64 %part)
  ret i64 %wrong
}

define internal i64 @work(i64 %me) {
entry:
  %unbegunp = getelementptr i64, ptr @gpugrad_team, i64 {UNBEGUN}
  %leftp = getelementptr i64, ptr @gpugrad_team, i64 {LEFT}
  %wrongp = getelementptr i64, ptr @gpugrad_team, i64 {WRONG}
  %jobp = getelementptr i64, ptr @gpugrad_team, i64 {JOB}
  %jobp1 = getelementptr i64, ptr %jobp, i64 1
  %jobp2 = getelementptr i64, ptr %jobp, i64 2
  %jobp3 = getelementptr i64, ptr %jobp, i64 3
  %jobp4 = getelementptr i64, ptr %jobp, i64 4
  br label %look
look:
  %count = phi i64 [0, %entry], [%count, %choose], [%count1, %done], [%count1, %tell]
  %unbegun = load atomic i64, ptr %unbegunp seq_cst, align 8
  %some = icmp ne i64 %unbegun, 0
  br i1 %some, label %choose, label %end
choose:
  %all = load atomic i64, ptr %jobp3 monotonic, align 8
  %threads = load atomic i64, ptr %jobp4 monotonic, align 8
  %shares = mul i64 %all, %me
  %own = udiv i64 %shares, %threads
  %start = and i64 %own, 63
  %behind = lshr i64 %unbegun, %start
  %far = call i64 @llvm.cttz.i64(i64 %behind, i1 false)
  %ahead = add i64 %start, %far
  %nearest = call i64 @llvm.cttz.i64(i64 %unbegun, i1 false)
  %none = icmp eq i64 %behind, 0
  %i = select i1 %none, i64 %nearest, i64 %ahead
  %bit = shl i64 1, %i
  %others = xor i64 %bit, -1
  %was = atomicrmw and ptr %unbegunp, i64 %others seq_cst
  %had = and i64 %was, %bit
  %mine = icmp ne i64 %had, 0
  br i1 %mine, label %run, label %look
run:
  %frame = load ptr, ptr %jobp
  %first = load ptr, ptr %jobp1
  %step = load i64, ptr %jobp2
  %wrong = call i64 @one(ptr %frame, ptr %first, i64 %step, i64 %i)
  %well = icmp eq i64 %wrong, 0
  br i1 %well, label %done, label %note
note:
  %noted = atomicrmw or ptr %wrongp, i64 %wrong seq_cst
  br label %done
done:
  %count1 = add i64 %count, 1
  %before = atomicrmw sub ptr %leftp, i64 1 seq_cst
  %last = icmp eq i64 %before, 1
  br i1 %last, label %tell, label %look
tell:
  %waitp = getelementptr i64, ptr @gpugrad_team, i64 {WAITING}
  call void @wake(ptr %waitp)
  br label %look
end:
  ret i64 %count
}

define internal void @wake(ptr %sleepp) {
entry:
  %asleep = atomicrmw xchg ptr %sleepp, i64 0 seq_cst
  %deep = icmp ne i64 %asleep, 0
  br i1 %deep, label %shake, label %end
shake:
  %lockp = getelementptr i64, ptr %sleepp, i64 1
  %lock = load ptr, ptr %lockp
  call void @PyThread_release_lock(ptr %lock)
  br label %end
end:
  ret void
}

define internal void @sleep(ptr %sleepp, i1 %up) {
entry:
  br i1 %up, label %recall, label %lie
recall:
  %asleep = atomicrmw xchg ptr %sleepp, i64 0 seq_cst
  %alone = icmp ne i64 %asleep, 0
  br i1 %alone, label %end, label %lie
lie:
  %lockp = getelementptr i64, ptr %sleepp, i64 1
  %lock = load ptr, ptr %lockp
  %got = call i32 @PyThread_acquire_lock(ptr %lock, i32 1)
  br label %end
end:
  ret void
}

@gpugrad_team = external global i8
declare void @PyThread_release_lock(ptr)
declare i32 @PyThread_acquire_lock(ptr, i32)
declare i64 @llvm.umin.i64(i64, i64)
declare i64 @llvm.umax.i64(i64, i64)
declare i64 @llvm.cttz.i64(i64, i1)
"""
"""Doing parts until none is left, and how many these were. Each thread begins with those of a share
of its own, so that what it reads next is near what it read, and most often what it wrote in the
range before. A part that was taken holds its range open until it is done: what is read of the range
after that belongs to it. A thread that said it sleeps, and is up after all, waits still where
another has taken its word for it: that one opens its lock.
"""

_ON_LINUX = """
define internal i64 @here(i64 %number) {
  %core = call i32 @sched_getcpu()
  %wide = sext i32 %core to i64
  ret i64 %wide
}

declare i32 @sched_getcpu()
"""

_ELSEWHERE = """
define internal i64 @here(i64 %number) {
  ret i64 %number
}
"""
"""On which core a thread is: where that is not told, each on one of its own."""

_X86, _ARM = ("llvm.x86.sse2.pause", "", ""), ("llvm.aarch64.hint", "i32", "i32 1")

_PAUSE = {"x86_64": _X86, "amd64": _X86, "aarch64": _ARM, "arm64": _ARM}
"""The instruction that leaves the processor to its other thread for a moment: its name, the type of
what it is told, and that.
"""


def print_range(name: str) -> str:
    """The text of a module with the kernel of a range as the function `name`."""
    return _text(_RANGE, name)


def print_help() -> str:
    """The text of a module with what a helper runs."""
    return _text(_HELP, HELP)


def _text(text: str, name: str) -> str:
    found = text + _WORK + print_now() + (_ON_LINUX if sys.platform == "linux" else _ELSEWHERE)
    function, parameter, told = _PAUSE.get(platform.machine().lower(), ("", "", ""))
    if function:
        found += f"declare void @{function}({parameter})\n"
    values = {
        "name": name, "pause": f"call void @{function}({told})" if function else "",
        "SPIN": SPIN, "UNBEGUN": UNBEGUN, "LEFT": LEFT, "WRONG": WRONG, "JOB": JOB,
        "WANTED": WANTED, "WAITING": WAITING, "HELPERS": HELPERS, "ALONE": ALONE,
        "SHARED": SHARED, "WORTH": WORTH, "LOSS": LOSS, "PAUSE": PAUSE, "HELD": HELD,
        "RETRY": RETRY,
    }  # fmt: skip
    for key, value in values.items():
        found = found.replace(f"{{{key}}}", str(value))
    return found
