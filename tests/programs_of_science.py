"""More programs of many fields, as those of `programs_of_others`: they are added to these."""

from __future__ import annotations

from typing import Any

import numpy
from programs_of_others import FIELDS, normal, program, random

FIELDS |= {
    "huckel_orbitals": "chemistry", "planets": "celestial mechanics", "heated_plate": "heat",
    "shock_wave": "fluids", "epidemic": "epidemiology", "demand": "industrial organization",
    "heston_price": "stochastic volatility", "early_exercise": "options on trees",
    "warped_time": "time series", "transit": "astronomy, light curves",
    "radial_velocity": "astronomy, orbits", "relaxing_spins": "magnetic resonance",
    "crystal": "crystallography", "topology": "topology optimization",
    "phase_retrieval": "holography", "shooting": "boundary values", "landmarks": "navigation",
    "registration": "image registration", "inequality": "economics of income",
    "glacier": "glaciology", "battery": "batteries", "collocation": "spectral methods",
    "policy": "decision processes", "homography": "projective geometry",
}  # fmt: skip


@program(1 + random.random(6) / 10, writes=True)
def huckel_orbitals(np: Any, bonds: Any) -> Any:
    ring = np.diag(np.arange(6.0) * 0.01)
    for k, b in enumerate(bonds):
        i, j = k, (k + 1) % 6
        ring[i, j] = ring[j, i] = -b
    levels, orbitals = np.linalg.eigh(ring)
    filled = orbitals[:, :3]
    order = 2 * filled @ filled.T
    return 2 * levels[:3].sum() + order[0, 1] * order[2, 3]


@program(normal(3, 2), normal(3, 2))
def planets(np: Any, x: Any, v: Any) -> Any:
    masses = numpy.array([1.0, 0.5, 0.2])

    def pull(x: Any) -> Any:
        a = np.zeros_like(x)
        for i in range(3):
            for j in range(3):
                if i != j:
                    d = x[j] - x[i]
                    a[i] += masses[j] * d / (np.dot(d, d) + 0.1) ** 1.5
        return a

    a = pull(x)
    for _ in range(3):
        v = v + 0.01 * a
        x = x + 0.02 * v
        a = pull(x)
        v = v + 0.01 * a
    return 0.5 * np.sum(masses[:, None] * v**2) + np.ptp(x[:, 0])


@program(normal(6, 6) / 10)
def heated_plate(np: Any, logs: Any) -> Any:
    heat = np.ones_like(logs) * 0.5
    for _ in range(4):
        around = sum(np.roll(heat, s, axis) for s in (1, -1) for axis in (0, 1))
        heat = heat + 0.1 * np.exp(logs) * (around - 4 * heat)
        heat[0, :], heat[-1, :] = 0, 1.0
        heat[:, 0], heat[:, -1] = heat[:, 1], heat[:, -2]
    down, right = np.gradient(heat, 0.1, 0.2)
    return np.sum(down**2 + right**2) + np.mean(heat[2:5, ::2])


@program([1.0, 0.3], writes=True)
def shock_wave(np: Any, p: Any) -> Any:
    x = np.linspace(0, 1, 12)
    u = p[0] + p[1] * np.sin(2 * np.pi * x)
    history = [u]
    for _ in range(4):
        before = u.copy()
        u[1:] = before[1:] - before[1:] * 0.1 * (before[1:] - before[:-1])
        u[0] = before[-1]
        history.append(u.copy())
    found = np.array(history)
    return np.trapezoid(np.trapezoid(found**2, x, axis=1)) + found.max()


CASES = numpy.array([3.0, 5.0, 9.0, 14.0, 20.0, 31.0])


@program([-0.3, -1.0, -1.5], writes=True)
def epidemic(np: Any, logs: Any) -> Any:
    spread, onset, end = np.exp(logs)
    s, e, i = 990.0, 8.0, 2.0
    daily = np.empty(len(CASES))
    for t in range(len(CASES)):
        infected, ill, well = spread * s * i / 1000, onset * e, end * i
        s, e, i = s - infected, e + infected - ill, i + ill - well
        daily[t] = ill
    return np.sum(daily - CASES * np.log(daily + 1e-8))


GOODS, TASTES = normal(4, 2), normal(10, 2)


@program([0.5, 0.8])
def demand(np: Any, spreads: Any) -> Any:
    seen = numpy.array([0.2, 0.25, 0.1, 0.3])
    worth = np.log(seen) - np.log(1 - seen.sum())
    extra = GOODS @ (spreads[:, None] * TASTES.T)
    for _ in range(8):
        utility = np.exp(worth[:, None] + extra)
        shares = (utility / (1 + utility.sum(0))).mean(1)
        worth = worth + np.log(seen) - np.log(shares)
    slopes, *_ = np.linalg.lstsq(GOODS, worth, rcond=None)
    rest = worth - GOODS @ slopes
    return rest @ rest


@program([1.5, 0.04, 0.3, -0.5, 0.04])
def heston_price(np: Any, p: Any) -> Any:
    kappa, mean, sigma, rho, now = p
    u = np.linspace(0.01, 30, 40)
    xi = kappa - sigma * rho * u * 1j
    d = np.sqrt(xi**2 + sigma**2 * (u**2 + u * 1j))
    g, fall = (xi + d) / (xi - d), np.exp(-d)
    level = kappa * mean / sigma**2 * (xi - d - 2 * np.log((1 - fall / g) / (1 - 1 / g)))
    slope = (xi - d) / sigma**2 * (1 - fall) / (1 - fall / g)
    wave = np.exp(level + slope * now - 0.05j * u) / (1j * u)
    return np.trapezoid(np.real(wave), u) / np.pi + 0.5


@program([1.03, 0.3, 0.05])
def early_exercise(np: Any, p: Any) -> Any:
    n, (spot, sigma, rate) = 8, p
    up = np.exp(sigma * np.sqrt(1 / n))
    chance = (np.exp(rate / n) - 1 / up) / (up - 1 / up)
    value = np.maximum(1 - spot * up ** np.arange(n, -n - 1, -2.0), 0)
    for k in range(n - 1, -1, -1):
        value = np.exp(-rate / n) * (chance * value[:-1] + (1 - chance) * value[1:])
        value = np.maximum(value, 1 - spot * up ** np.arange(k, -k - 1, -2.0))
    return value[0]


@program(normal(4), normal(5), writes=True)
def warped_time(np: Any, x: Any, y: Any) -> Any:
    n, m = len(x), len(y)
    cost = np.full((n + 1, m + 1), 1e10)
    cost[0, 0] = 0.0
    apart = (x[:, None] - y[None, :]) ** 2
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            ways = np.array([cost[i - 1, j - 1], cost[i - 1, j], cost[i, j - 1]])
            best = ways.min()
            soft = best - 0.5 * np.log(np.sum(np.exp(2 * (best - ways))))
            cost[i, j] = apart[i - 1, j - 1] + soft
    return cost[n, m]


@program([0.1, 0.2, 0.3, 0.2])
def transit(np: Any, p: Any) -> Any:
    small, near, u, v = p
    z = np.sqrt(near**2 + (12 * np.linspace(-0.1, 0.1, 21)) ** 2)
    mu = np.sqrt(np.clip(1 - z**2, 1e-6, 1))
    a = np.arccos(np.clip((small**2 + z**2 - 1) / (2 * small * z), -0.999999, 0.999999))
    b = np.arccos(np.clip((1 - small**2 + z**2) / (2 * z), -0.999999, 0.999999))
    lens = np.sqrt(np.clip(4 * z**2 - (1 + z**2 - small**2) ** 2, 1e-12, None) / 4)
    part = (small**2 * a + b - lens) / np.pi
    dark = np.where(z > 1 + small, 0, np.where(z <= 1 - small, small**2, part))
    return 1e3 * np.sum((0.01 - dark * (1 - u * (1 - mu) - v * (1 - mu) ** 2)) ** 2)


SPEEDS = normal(10)


@program([1.0, -1.0, 0.4, 2.0, 0.3])
def radial_velocity(np: Any, p: Any) -> Any:
    period, e = np.exp(p[0]), 1 / (1 + np.exp(-p[1]))
    mean = 2 * np.pi * (np.linspace(0, 10, 10) - p[4]) / period
    angle = mean + e * np.sin(mean)
    for _ in range(6):
        angle = angle - (angle - e * np.sin(angle) - mean) / (1 - e * np.cos(angle))
    up, down = np.sqrt(1 + e) * np.sin(angle / 2), np.sqrt(1 - e) * np.cos(angle / 2)
    true = 2 * np.arctan2(up, down)
    return np.sum((SPEEDS - p[3] * (np.cos(true + p[2]) + e * np.cos(p[2]))) ** 2)


@program([0.1, 2.0, 0.3], writes=True)
def relaxing_spins(np: Any, p: Any) -> Any:
    decay, shift, swap = np.exp(p[0]), p[1], np.exp(p[2])
    rates = np.array([[-decay - swap * 0.1, swap * 0.9],
                      [swap * 0.1, -decay - swap * 0.9 + 1j * shift]])  # fmt: skip
    values, vectors = np.linalg.eig(rates * 0.05)
    step = vectors @ np.diag(np.exp(values)) @ np.linalg.inv(vectors)
    spins = np.array([0.9, 0.1], dtype=complex)
    for _ in range(3):
        spins = np.conj(step) @ (step @ spins)
    return np.abs(spins[0]) + np.angle(spins[1])


PLANES = numpy.stack(numpy.meshgrid([0, 1, 2], [0, 1], [1, 2]), -1).reshape(-1, 3)
SIZES = random.random(12) * 3


@program(random.random((3, 3)), normal(3) / 5)
def crystal(np: Any, places: Any, logs: Any) -> Any:
    spread = np.exp(-np.exp(logs) * (0.05 * np.sum(PLANES**2, axis=1))[:, None])
    waves = np.exp(2j * np.pi * (PLANES @ places.T))
    found = np.abs(np.sum(np.array([6.0, 7.0, 8.0]) * spread * waves, axis=1))
    scale = np.sum(SIZES * found) / np.sum(found**2)
    return np.sum(np.abs(SIZES - scale * found)) / np.sum(SIZES)


@program(random.random(6) / 2 + 0.3, writes=True)
def topology(np: Any, density: Any) -> Any:
    ends = np.array([[k, k + 1, k + 3, k + 4] for k in (0, 1, 3, 4, 6, 7)])
    part = 4 * np.eye(4) - np.ones((4, 4))
    stiffness = 1e-3 + density**3
    rows, columns = np.repeat(ends, 4, axis=1).ravel(), np.tile(ends, 4).ravel()
    whole, load = np.zeros((12, 12)), np.zeros(12)
    np.add.at(whole, (rows, columns), (stiffness[:, None] * part.ravel()).ravel())
    load[-1] = 1.0
    free, moved = np.setdiff1d(np.arange(12), [0, 3, 6, 9]), np.zeros(12)
    moved[free] = np.linalg.solve((whole + 1e-3 * np.eye(12))[free][:, free], load[free])
    energy = (moved[ends] @ part * moved[ends]).sum(1)
    return stiffness @ energy + density.sum()


SEEN = random.random((6, 6))


@program(normal(6, 6) / 3)
def phase_retrieval(np: Any, phase: Any) -> Any:
    field = SEEN * np.exp(1j * phase)
    far = np.fft.fftshift(np.fft.fft2(np.fft.ifftshift(field), norm="ortho"))
    f = np.fft.fftfreq(6, 0.1)
    glass = np.exp(-1j * np.pi * 0.01 * (f[:, None] ** 2 + f[None, :] ** 2))
    near = np.fft.ifft2(np.fft.fft2(field) * glass)
    miss = np.sum((np.abs(far) ** 2 - 0.5) ** 2) + np.sum(near.imag**2)
    return miss + np.unwrap(np.angle(near[3]))[-1]


@program([1.2, 2.0], writes=True)
def shooting(np: Any, p: Any) -> Any:
    def slope(y: Any) -> Any:
        return np.array([y[1], -np.sin(y[0]) * p[1] - 0.1 * y[1]])

    path, h = np.empty((6, 2)), 0.2
    path[0] = np.array([0.0, p[0]])
    for i in range(5):
        a = slope(path[i])
        b = slope(path[i] + h / 2 * a)
        c = slope(path[i] + h / 2 * b)
        path[i + 1] = path[i] + h / 6 * (a + 2 * b + 2 * c + slope(path[i] + h * c))
    return (path[-1, 0] - 1) ** 2 + np.sum(np.diff(path[:, 1]) ** 2)


SIGHTS = normal(3, 2) / 10 + [1.0, 0.3]


@program([-2.0, -2.0, 0.1], writes=True)
def landmarks(np: Any, p: Any) -> Any:
    mean, spread, cost = np.zeros(5), np.diag([0.01, 0.01, 0.01, 1.0, 1.0]), 0
    mean[3:] = [1.0, 0.5]
    for z in SIGHTS:
        turn = mean[2]
        mean = mean + np.array([0.1 * np.cos(turn), 0.1 * np.sin(turn), p[2], 0, 0])
        move = np.eye(5)
        move[0, 2], move[1, 2] = -0.1 * np.sin(turn), 0.1 * np.cos(turn)
        spread = move @ spread @ move.T + np.diag([0.01, 0.01, 0.001, 0, 0])
        d = mean[3:] - mean[:2]
        far = d @ d
        slopes = np.zeros((2, 5))
        slopes[0, :2], slopes[0, 3:] = -d / np.sqrt(far), d / np.sqrt(far)
        slopes[1] = np.concatenate([[d[1], -d[0]] / far, [-1], [-d[1], d[0]] / far])
        miss = z - np.array([np.sqrt(far), np.arctan2(d[1], d[0]) - mean[2]])
        miss[1] = (miss[1] + np.pi) % (2 * np.pi) - np.pi
        total = slopes @ spread @ slopes.T + np.diag(np.exp(p[:2]))
        gain = spread @ slopes.T @ np.linalg.inv(total)
        mean, spread = mean + gain @ miss, (np.eye(5) - gain @ slopes) @ spread
        cost += miss @ np.linalg.solve(total, miss) + np.log(np.linalg.det(total))
    return cost


PICTURE, WANTED = random.random((9, 9)), random.random((5, 5))


@program([0.1, 0.23, -0.17])
def registration(np: Any, p: Any) -> Any:
    c, s = np.cos(p[0]), np.sin(p[0])
    down, right = np.mgrid[0:5, 0:5] - 2
    x, y = c * right - s * down + 4 + p[1], s * right + c * down + 4 + p[2]
    corners = np.arange(9)
    across = np.maximum(0, 1 - np.abs(x[..., None] - corners))
    along = np.maximum(0, 1 - np.abs(y[..., None] - corners))
    return np.mean((np.einsum("ija,ijb,ab->ij", along, across, PICTURE) - WANTED) ** 2)


@program(random.random(8) + 0.2)
def inequality(np: Any, incomes: Any) -> Any:
    rising, n = np.sort(incomes), len(incomes)
    gini = np.sum((2 * np.arange(1, n + 1) - n - 1) * rising) / (n * incomes.sum())
    lorenz = np.cumsum(rising) / incomes.sum()
    low, _, high = np.percentile(incomes, [25, 50, 75])
    rank = np.argsort(np.argsort(incomes))
    spread = np.median(np.abs(incomes - np.median(incomes)))
    return gini + lorenz[3] + high - low + spread + np.average(incomes, weights=rank + 1)


@program([1.0, 2.0], writes=True)
def glacier(np: Any, p: Any) -> Any:
    ground = 1 - 0.1 * np.linspace(0, 10, 21)
    ice = np.zeros(21)
    ice[:10] = 0.5 * p[0]
    for _ in range(4):
        top = ground + ice
        flow = -p[1] * (0.5 * (ice[1:] + ice[:-1])) ** 5 * np.abs(np.diff(top) / 0.5) ** 3
        snow = np.where(top[1:-1] > 0.5, 0.3, -0.2)
        ice[1:-1] = np.maximum(ice[1:-1] - 0.02 * np.diff(flow) + 0.01 * snow, 0)
    return np.sum(np.where(ice > 0, ice**2, 0)) + np.count_nonzero(ice)


@program([-2.0, -2.0, 2.0, 0.55], writes=True)
def battery(np: Any, p: Any) -> Any:
    direct, slow, capacity = np.exp(p[:3])
    charge, drop, volts = p[3], 0.0, []
    for current in np.sin(np.arange(8) / 2):
        charge = np.clip(charge - current * 0.02, 0, 1)
        fall = np.exp(-1 / (slow * capacity))
        drop = drop * fall + slow * (1 - fall) * current
        rest = np.interp(charge, [0, 0.2, 0.5, 0.8, 1.0], [3.0, 3.4, 3.7, 3.9, 4.2])
        volts.append(rest - drop - direct * current)
    return np.sqrt(np.mean((np.asarray(volts) - 3.6) ** 2))


@program([1.0, 0.5, 0.7])
def collocation(np: Any, p: Any) -> Any:
    n = 6
    x = np.cos(np.pi * np.arange(n + 1) / n)
    weights = np.hstack([2, np.ones(n - 1), 2]) * (-1) ** np.arange(n + 1)
    apart = np.subtract.outer(x, x) + np.eye(n + 1)
    slope = np.outer(weights, 1 / weights) / apart
    slope = slope - np.diag(slope.sum(axis=1))
    equation, right = p[0] * slope @ slope + np.diag(p[1] * x), np.exp(x * p[2])
    equation[[0, -1]], right[[0, -1]] = np.eye(n + 1)[[0, -1]], 0
    u = np.linalg.solve(equation, right)
    return u @ u


MOVES = random.dirichlet(numpy.ones(4), (3, 4))


@program(normal(4, 3))
def policy(np: Any, reward: Any) -> Any:
    value = np.zeros(4)
    for _ in range(6):
        worth = reward + 0.9 * np.einsum("asn,n->sa", MOVES, value)
        best = worth.max(axis=1, keepdims=True)
        value = (best + np.log(np.exp(worth - best).sum(axis=1, keepdims=True))).squeeze()
    chosen = np.exp(worth - value[:, None])
    return value[0] + np.sum(chosen * np.log(chosen))


@program(normal(5, 2) / 10, writes=True)
def homography(np: Any, moves: Any) -> Any:
    here = numpy.array([[0, 0], [1, 0], [1, 1], [0, 1.0], [0.5, 0.2]])
    there, rows = here + moves, []
    for (x, y), (u, v) in zip(here, there, strict=True):
        rows.append([-x, -y, -1, 0, 0, 0, u * x, u * y, u])
        rows.append([0, 0, 0, -x, -y, -1, v * x, v * y, v])
    matrix = np.array(rows)
    found = np.linalg.eigh(matrix.T @ matrix)[1][:, 0].reshape(3, 3)
    seen = np.c_[here, np.ones(5)] @ (found / found[2, 2]).T
    return 100 * np.sum((seen[:, :2] / seen[:, 2:] - there) ** 2) + found[0, 0] / found[2, 2]
