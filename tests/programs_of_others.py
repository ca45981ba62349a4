"""Programs of many fields as people write them with NumPy: `np` is the module that they import.

Each is a function of that module and of the arrays that it is differentiated by. Those of `WRITERS`
put what they compute into arrays, which takes `gpugrad.numpy`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy

Program = Callable[..., Any]

PROGRAMS: dict[str, tuple[Program, tuple[numpy.ndarray, ...]]] = {}
WRITERS: set[str] = set()

FIELDS = {
    "kalman_filter": "tracking",
    "hidden_markov_model": "speech",
    "gaussian_process": "machine learning",
    "cubic_spline": "interpolation",
    "lenses": "lens design",
    "quantum_circuit": "quantum computing",
    "robot_arm": "robotics",
    "medicine_in_blood": "pharmacology",
    "mean_field": "statistical physics",
    "phylogenetics": "phylogenetics",
    "portfolio": "finance",
    "survival": "survival",
    "matrix_completion": "recommendations",
    "beam": "structures",
    "lennard_jones": "molecules",
    "oscillators": "synchronization",
    "deblurring": "images",
    "volatility": "econometrics",
    "stationary_state": "Markov chains",
    "bundle_adjustment": "vision",
    "resistors": "circuits",
    "optimal_transport": "transport",
    "smoothed_signal": "signals",
}
"""What each program is of."""

random = numpy.random.default_rng(3)


def normal(*shape: int) -> numpy.ndarray:
    return random.normal(size=shape)


def program(*args: Any, writes: bool = False) -> Callable[[Program], Program]:
    """Adds a program and the point at which it is tried."""

    def add(f: Program) -> Program:
        PROGRAMS[f.__name__] = f, tuple(numpy.asarray(x, dtype=float) for x in args)
        if writes:
            WRITERS.add(f.__name__)
        return f

    return add


SEEN = normal(8, 2)


@program([0.1, -0.3, 0.2])
def kalman_filter(np: Any, logs: Any) -> Any:
    step = np.array([[1.0, 0.1], [0.0, 1.0]])
    drift, noise = np.exp(logs[0]) * np.eye(2), np.diag(np.exp(logs[1:]))
    mean, spread, cost = np.zeros(2), np.eye(2), 0.0
    for z in SEEN:
        mean, spread = step @ mean, step @ spread @ step.T + drift
        total, miss = spread + noise, z - mean
        cost += miss @ np.linalg.solve(total, miss) + np.linalg.slogdet(total)[1]
        gain = spread @ np.linalg.inv(total)
        mean = mean + gain @ miss
        spread = (np.eye(2) - gain) @ spread
    return cost


@program(normal(3, 3), normal(3, 4))
def hidden_markov_model(np: Any, moves: Any, signs: Any) -> Any:
    moves = np.exp(moves) / np.exp(moves).sum(axis=1, keepdims=True)
    signs = np.exp(signs) / np.exp(signs).sum(axis=1, keepdims=True)
    state, cost = np.full(3, 1 / 3), 0
    for seen in (0, 3, 1, 1, 2):
        state = state @ moves * signs[:, seen]
        cost -= np.log(state.sum())
        state /= state.sum()
    return cost


PLACES, HEIGHTS = normal(7, 2), normal(7)


@program([0.1, 0.2, -1.0])
def gaussian_process(np: Any, logs: Any) -> Any:
    length, size, noise = np.exp(logs)
    apart = np.sum((PLACES[:, np.newaxis] - PLACES[np.newaxis]) ** 2, axis=-1)
    kernel = size**2 * np.exp(-0.5 * apart / length**2)
    kernel[np.diag_indices_from(kernel)] += noise**2
    root = np.linalg.cholesky(kernel)
    return HEIGHTS @ np.linalg.solve(kernel, HEIGHTS) + 2 * np.log(np.diag(root)).sum()


@program(normal(5), writes=True)
def cubic_spline(np: Any, heights: Any) -> Any:
    n, gap = 5, np.diff(np.linspace(0, 1, 5) ** 2)
    matrix, right = np.zeros((n, n)), np.zeros(n)
    matrix[0, 0] = matrix[-1, -1] = 1
    for i in range(1, n - 1):
        matrix[i, i - 1 : i + 2] = gap[i - 1], 2 * (gap[i - 1] + gap[i]), gap[i]
        slopes = np.diff(heights[i - 1 : i + 2]) / gap[i - 1 : i + 1]
        right[i] = 6 * (slopes[1] - slopes[0])
    return np.sum(np.linalg.solve(matrix, right) ** 2)


@program([0.05, -0.04, 0.5])
def lenses(np: Any, lens: Any) -> Any:
    height = np.linspace(-1, 1, 9)
    angle = np.zeros_like(height)
    for curve, ratio in zip(lens[:2], (1 / 1.5, 1.5), strict=True):
        tilt = np.arcsin(np.clip(height * curve, -1, 1))
        angle = np.arcsin(ratio * np.sin(angle + tilt)) - tilt
        height = height - angle * lens[2]
    return np.var(height - 10 * np.tan(angle)) + np.ptp(height)


@program(normal(2, 3), writes=True)
def quantum_circuit(np: Any, angles: Any) -> Any:
    one, flip, sign = np.eye(2), np.array([[0, 1], [1, 0]]), np.diag([1, -1])
    energy = np.kron(sign, sign) + 0.5 * (np.kron(flip, one) + np.kron(one, flip))
    state = np.array([1, 0, 0, 0], dtype=complex)

    def turn(t: Any) -> Any:
        return np.array([[np.cos(t), -np.sin(t)], [np.sin(t), np.cos(t)]])

    for a, b, c in angles:
        state = np.eye(4)[[0, 1, 3, 2]] @ (np.kron(turn(a), turn(b)) @ state)
        state = np.kron(np.diag([np.exp(-1j * c), np.exp(1j * c)]), one) @ state
    return np.real(np.vdot(state, energy @ state))


@program([0.3, 0.4, -0.2], writes=True)
def robot_arm(np: Any, angles: Any) -> Any:
    pose = np.eye(3)
    for length, angle in zip((1.0, 0.8, 0.5), angles, strict=True):
        c, s = np.cos(angle), np.sin(angle)
        pose = pose @ np.array([[c, -s, length * c], [s, c, length * s], [0, 0, 1]])
    return np.linalg.norm(pose[:2, 2] - [1.0, 1.2]) + np.arctan2(pose[1, 0], pose[0, 0]) ** 2


@program([0.0, -0.7, 0.7], writes=True)
def medicine_in_blood(np: Any, logs: Any) -> Any:
    enter, leave, volume = np.exp(logs)

    def slope(y: Any) -> Any:
        return np.array([-enter * y[0], enter * y[0] / volume - leave * y[1]])

    state, levels = np.array([10.0, 0.0]), []
    for _ in range(6):
        half = state + 0.1 * slope(state)
        state = state + 0.2 * slope(half)
        levels.append(state[1])
    return np.sum((np.log(np.array(levels)) - 1.0) ** 2)


@program(normal(5, 5) / 4, normal(5))
def mean_field(np: Any, pairs: Any, field: Any) -> Any:
    pairs, m = (pairs + pairs.T) / 2, np.zeros(5)
    for _ in range(10):
        m = 0.5 * m + 0.5 * np.tanh(pairs @ m + field)
    up, down = (1 + m) / 2, (1 - m) / 2
    order = (up * np.log(up) + down * np.log(down)).sum()
    return order - 0.5 * np.einsum("i,ij,j", m, pairs, m) - m.dot(field)


LETTERS = numpy.eye(4)[random.integers(0, 4, (3, 6))]


@program([-2.0, -1.5, -1.0], normal(6) / 8, writes=True)
def phylogenetics(np: Any, times: Any, rates: Any) -> Any:
    change = np.zeros((4, 4))
    change[np.triu_indices(4, 1)] = np.exp(rates)
    change = change + change.T
    change = change - np.diag(change.sum(axis=1))
    values, vectors = np.linalg.eigh(change)
    found = np.ones((6, 4))
    for letters, t in zip(LETTERS, np.exp(times), strict=True):
        found = found * (letters @ (vectors @ np.diag(np.exp(values * t)) @ vectors.T))
    return -np.log(found.mean(axis=1)).sum()


SPREAD = numpy.cov(normal(4, 20))


@program([0.2, -0.1], 0.3)
def portfolio(np: Any, views: Any, trust: Any) -> Any:
    picks = np.eye(4)[:2] - np.eye(4)[2:]
    before = np.linalg.inv(np.exp(trust) * SPREAD)
    sure = np.linalg.inv(np.diag(np.diag(picks @ SPREAD @ picks.T)))
    mean = np.linalg.solve(before + picks.T @ sure @ picks, picks.T @ sure @ views)
    shares = np.linalg.solve(2.5 * SPREAD, mean)
    shares /= np.abs(shares).sum()
    return 1.25 * shares.dot(SPREAD).dot(shares) - shares @ mean + np.max(shares)


AGES, DIED = random.weibull(1.5, 12), random.random(12) > 0.3


@program([0.2, 0.1, -0.3])
def survival(np: Any, p: Any) -> Any:
    shape, scale = np.exp(p[0]), np.exp(p[1] + p[2] * np.arange(12) / 12)
    hazard = np.log(shape / scale) + (shape - 1) * np.log(AGES / scale)
    return ((AGES / scale) ** shape).sum() - hazard[DIED].sum()


KNOWN = random.random((6, 5)) > 0.4


@program(normal(6, 2), normal(5, 2))
def matrix_completion(np: Any, rows: Any, columns: Any) -> Any:
    product = rows @ columns.T
    return np.sum(np.square((product - 1.0)[KNOWN])) + 0.1 * np.linalg.norm(product, "nuc")


@program(random.random(4) + 0.5, writes=True)
def beam(np: Any, heights: Any) -> Any:
    stiff = np.zeros((10, 10))
    for i, h in enumerate(heights):
        part = [[12, 6, -12, 6], [6, 4, -6, 2], [-12, -6, 12, -6], [6, 2, -6, 4]]
        stiff[2 * i : 2 * i + 4, 2 * i : 2 * i + 4] += h**3 * np.array(part)
    free, load, bent = np.arange(2, 10), np.zeros(10), np.zeros(10)
    load[-2] = -1.0
    bent[free] = np.linalg.solve(stiff[np.ix_(free, free)], load[free])
    return load @ bent + heights.sum()


CORNERS = numpy.argwhere(numpy.ones((2, 2, 2))) * 1.2


@program(CORNERS + normal(8, 3) / 20)
def lennard_jones(np: Any, x: Any) -> Any:
    i, j = np.triu_indices(len(x), k=1)
    apart = x[i] - x[j]
    apart -= 5.0 * np.rint(apart / 5.0)
    squares = np.sum(apart * apart, -1)
    sixth = np.where(squares < 4.0, squares, np.inf) ** -3
    return 4 * np.sum(sixth**2 - sixth)


@program(normal(5), random.random((5, 5)))
def oscillators(np: Any, speeds: Any, pull: Any) -> Any:
    phase = np.linspace(0, 3, 5)
    for _ in range(8):
        phase = phase + 0.1 * (speeds + (pull * np.sin(phase - phase[:, None])).mean(1))
    return np.abs(np.mean(np.exp(1j * phase))) + np.mod(phase, 2 * np.pi).std()


BLURRED = random.random((8, 8))


@program(random.random((8, 8)), 0.7)
def deblurring(np: Any, image: Any, width: Any) -> Any:
    line = np.exp(-0.5 * (np.arange(8) - 4) ** 2 / width**2)
    spot = np.fft.ifftshift(np.outer(line, line) / line.sum() ** 2)
    seen = np.real(np.fft.ifft2(np.fft.fft2(image) * np.fft.fft2(spot)))
    down, right = np.gradient(image)
    return ((seen - BLURRED) ** 2).sum() + np.sum(np.sqrt(down**2 + right**2 + 0.01))


@program([0.1, 0.2, 1.0], writes=True)
def volatility(np: Any, p: Any) -> Any:
    a, b, c = 1 / (1 + np.exp(-p))
    returns = SEEN[:, 0]
    variances = np.empty(len(returns))
    variances[0] = returns.var()
    for t in range(1, len(returns)):
        variances[t] = c + a * returns[t - 1] ** 2 + b * variances[t - 1]
    return np.sum(np.log(variances) + returns**2 / variances)


@program(normal(5))
def stationary_state(np: Any, x: Any) -> Any:
    moves = np.exp(np.outer(x, x[::-1]))
    moves = moves / moves.sum(1, keepdims=True)
    left = np.vstack([moves.T - np.eye(5), np.ones(5)])
    found, *_ = np.linalg.lstsq(left, [0, 0, 0, 0, 0, 1.0], rcond=None)
    return -np.sum(found * np.log(found)) + np.linalg.matrix_power(moves, 3)[0, 1]


POINTS, PIXELS = normal(6, 3), normal(6, 2)


@program(normal(2, 6))
def bundle_adjustment(np: Any, poses: Any) -> Any:
    cost = 0.0
    for pose in poses:
        angle = np.sqrt(pose[:3] @ pose[:3])
        axis = pose[:3] / angle
        along = np.outer(POINTS @ axis, axis) * (1 - np.cos(angle))
        turned = POINTS * np.cos(angle) + np.cross(axis, POINTS) * np.sin(angle) + along
        seen = turned + pose[3:] + [0, 0, 8.0]
        far = np.hypot(*(seen[:, :2] / seen[:, 2:] - PIXELS).T)
        cost += np.sum(np.where(far < 0.3, 0.5 * far**2, 0.3 * (far - 0.15)))
    return cost


@program(random.random(6) + 0.5, writes=True)
def resistors(np: Any, conductances: Any) -> Any:
    wires = [(0, 1), (1, 2), (2, 3), (3, 0), (0, 2), (1, 3)]
    network = np.zeros((4, 4))
    for (i, j), g in zip(wires, conductances, strict=True):
        network[[i, j], [i, j]] += g
        network[[i, j], [j, i]] -= g
    volts = np.linalg.pinv(network) @ [1.0, 0, 0, -1.0]
    return np.sum([g * (volts[i] - volts[j]) ** 2
                   for (i, j), g in zip(wires, conductances, strict=True)])  # fmt: skip


@program(normal(3, 4))
def optimal_transport(np: Any, costs: Any) -> Any:
    kernel, u = np.exp(-costs), np.ones(3)
    for _ in range(8):
        v = 0.25 / (kernel.T @ u)
        u = 1 / 3 / (kernel @ v)
    plan = np.diag(u) @ kernel @ np.diag(v)
    return np.sum(plan * costs) + 0.1 * np.sum(plan * np.log(plan))


@program(normal(9))
def smoothed_signal(np: Any, y: Any) -> Any:
    times = np.linspace(0, 8, 20)
    window = np.hanning(5) / np.hanning(5).sum()
    smooth = np.convolve(np.interp(times, np.arange(9), y), window, mode="same")
    power = np.abs(np.fft.rfft(y * np.blackman(9))) ** 2
    middle = np.average(np.fft.rfftfreq(9), weights=power)
    return np.trapezoid(smooth**2, times) + np.percentile(smooth, 30) + middle
