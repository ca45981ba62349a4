"""Programs of published packages, run from the files that the packages install.

Each is a function that is given the NumPy that the program imports, and returns a function of one
vector with one number as its result, and a point. `imports` says which imports are other ones:
"none"; "numpy" of the package, which become `gpugrad.numpy`; or "autograd" of the package, which
become `gpugrad.autograd`. Nothing else is edited.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy

Made = tuple[Callable[[Any], Any], Any]


class Program(NamedTuple):
    """A program, and what it is of."""

    make: Callable[[Any], Made]
    field: str
    package: str
    imports: str


PROGRAMS: dict[str, Program] = {}

random = numpy.random.RandomState(1)                # HIPS autograd's users have it


def program(
    field: str, package: str, imports: str
) -> Callable[[Callable[[Any], Made]], Callable[[Any], Made]]:
    """Adds a program."""

    def add(make: Callable[[Any], Made]) -> Callable[[Any], Made]:
        PROGRAMS[make.__name__] = Program(make, field, package, imports)
        return make

    return add


@program("photonics, frequency domain", "ceviche", "autograd")
def ceviche_scattering(np: Any) -> Made:
    from ceviche import fdfd_ez

    source = numpy.zeros((30, 30))
    source[8, 10:20] = 1e8

    def f(density: Any) -> Any:
        solver = fdfd_ez(4e14 * numpy.pi, 5e-8, 1 + 11 * density.reshape((30, 30)), [5, 5])
        return 1e-6 * np.sum(np.square(np.abs(solver.solve(source)[2][22:, 10:20])))

    return f, random.rand(900) * 0.3


@program("photonics, time domain", "ceviche", "autograd")
def ceviche_pulse(np: Any) -> Made:
    from ceviche import fdtd

    source = numpy.zeros((20, 20, 1))
    source[10, 10] = 1e2

    def f(density: Any) -> Any:
        solver, total = fdtd(1 + 3 * density.reshape((20, 20, 1)), 5e-8, [5, 5, 0]), 0.0
        for t in range(40):
            fields = solver.forward(Jz=source * numpy.sin(t / 3))
            total = total + np.sum(np.square(fields["Ez"][12:]))
        return total

    return f, random.rand(400) * 0.3


@program("optical gratings", "grcwa", "autograd")
def grcwa_reflection(np: Any) -> Made:
    import grcwa

    grcwa.set_backend("autograd")

    def f(density: Any) -> Any:
        layers = grcwa.obj(11, [1, 0], [0, 1], 1.0, 0.1, 0.05, verbose=0)
        layers.Add_LayerUniform(0.5, 1)
        layers.Add_LayerGrid(0.3, 20, 20)
        layers.Add_LayerUniform(0.5, 2.0)
        layers.Init_Setup()
        layers.GridLayer_geteps(1 + density)
        layers.MakeExcitationPlanewave(1, 0, 0, 0, order=0)
        return layers.RT_Solve(normalize=1)[0]

    return f, random.rand(400) * 8


TIMES = random.weibull(1.5, 50) * 5 + 0.5


@program("survival, regression", "lifelines", "autograd")
def lifelines_weibull_regression(np: Any) -> Made:
    import pandas
    from lifelines import WeibullAFTFitter
    from lifelines.datasets import load_rossi
    from lifelines.utils import DataframeSlicer

    rows = load_rossi().head(100)
    times, seen = (rows["week"].to_numpy(float), None), rows["arrest"].to_numpy(bool)
    names = [("lambda_", "age"), ("lambda_", "prio"), ("lambda_", "one"), ("rho_", "one")]
    values = numpy.c_[rows[["age", "prio"]].to_numpy(float), numpy.ones((100, 2))]
    table = DataframeSlicer(pandas.DataFrame(values, columns=pandas.MultiIndex.from_tuples(names)))
    likelihood = WeibullAFTFitter()._log_likelihood_right_censoring

    def f(p: Any) -> Any:
        parts = {"lambda_": p[:3], "rho_": p[3:]}
        return likelihood(parts, times, seen, numpy.ones(100), numpy.zeros(100), table)

    return f, [0.02, -0.1, 4.0, 0.3]


@program("survival, generalized gamma", "lifelines", "autograd")
def lifelines_generalized_gamma(np: Any) -> Made:
    from lifelines import GeneralizedGammaFitter

    fitter = GeneralizedGammaFitter()
    return (
        lambda p: np.sum(fitter._cumulative_hazard(p, TIMES) - fitter._log_hazard(p, TIMES))
    ), [1.0, 0.2, 0.6]


@program("survival, splines", "lifelines", "autograd")
def lifelines_spline(np: Any) -> Made:
    from lifelines import SplineFitter

    fitter = SplineFitter(numpy.array([1.0, 3.0, 6.0, 9.0]))
    return (lambda p: np.sum(fitter._cumulative_hazard(p, TIMES))), [0.1, 0.2, 0.1, 0.3]


@program("reliability, three parameters", "reliability", "autograd")
def reliability_weibull(np: Any) -> Made:
    from reliability.Fitters import Fit_Weibull_3P

    return (lambda p: Fit_Weibull_3P.LL(p, TIMES + 1, numpy.array([4.0, 5.0]))), [5.0, 1.5, 0.5]


@program("reliability, gamma", "reliability", "autograd")
def reliability_gamma(np: Any) -> Made:
    from reliability.Fitters import Fit_Gamma_2P

    return (lambda p: Fit_Gamma_2P.LL_ab(p, TIMES + 1, numpy.array([4.0, 5.0]))), [2.0, 1.5]


@program("failure times", "surpyval", "autograd")
def surpyval_weibull(np: Any) -> Made:
    from surpyval import ExpoWeibull

    return (lambda p: -np.sum(ExpoWeibull.log_df(TIMES, *p))), [5.0, 1.5, 1.2]


@program("incomplete gamma and beta functions", "autograd-gamma", "autograd")
def gamma_family(np: Any) -> Made:
    from autograd_gamma import betainc, betaincln, gammainc, gammainccln

    x = numpy.linspace(0.5, 3, 7)

    def f(p: Any) -> Any:
        a, b = p
        total = np.sum(gammainc(a, x)) + np.sum(gammainccln(b, x))
        return total + np.sum(betainc(a, b, x / 4)) + np.sum(betaincln(a, b, x / 4))

    return f, [1.5, 2.2]


@program("optimization on manifolds", "pymanopt", "autograd")
def pymanopt_eigenvector(np: Any) -> Made:
    from pymanopt import Problem, function, manifolds, optimizers

    matrix = random.randn(6, 6)
    matrix, sphere = matrix + matrix.T, manifolds.Sphere(6)

    @function.autograd(sphere)
    def cost(x: Any) -> Any:
        return -x @ matrix @ x

    found = optimizers.TrustRegions(verbosity=0).run(Problem(sphere, cost), initial_point=sphere
                                                     .random_point()).point
    assert abs(cost(found) + numpy.linalg.eigvalsh(matrix)[-1]) < 1e-6
    return (lambda x: -x @ matrix @ x), random.randn(6)


@program("Hamiltonian Monte Carlo", "mici", "autograd")
def mici_leapfrog(np: Any) -> Made:
    from mici import integrators, states, systems

    def potential(q: Any) -> Any:
        return 0.5 * np.sum(q**2) + 0.1 * np.sum(q**4)

    system = systems.EuclideanMetricSystem(neg_log_dens=potential, backend="autograd")
    state = states.ChainState(pos=numpy.ones(3), mom=numpy.ones(3), dir=1)
    energy = system.h(state)
    for _ in range(5):
        state = integrators.LeapfrogIntegrator(system, step_size=0.05).step(state)
    assert abs(system.h(state) - energy) < 0.01
    return potential, numpy.full(3, 0.3)


@program("fits by gradients", "autoptim", "autograd")
def autoptim_rosenbrock(np: Any) -> Made:
    from autoptim import minimize

    def cost(x: Any, y: Any) -> Any:
        return np.sum(100 * (y - x**2) ** 2 + (1 - x) ** 2)

    (x, _), _ = minimize(cost, [numpy.zeros(2), numpy.ones(2)])
    assert numpy.allclose(x, 1, atol=1e-3)
    return (lambda p: cost(p[:2], p[2:])), [1.0, 2.0, 0.4, 0.3]


@program("Kalman filter", "filterpy", "numpy")
def filterpy_kalman(np: Any) -> Made:
    from filterpy.kalman import KalmanFilter

    seen = random.randn(12)

    def f(p: Any) -> Any:
        k, total = KalmanFilter(dim_x=2, dim_z=1), 0.0
        k.F, k.H = np.array([[1.0, 0.1], [0.0, 1.0]]), np.array([[1.0, 0.0]])
        k.Q, k.R = np.exp(p[0]) * np.eye(2), np.array([[np.exp(p[1])]])
        for z in seen:
            k.predict()
            k.update(z)
            total = total + np.sum(k.y**2) + np.sum(np.log(k.S))
        return total

    return f, [-1.0, 0.2]


@program("tracking", "filterpy", "none")
def filterpy_g_h(np: Any) -> Made:
    from filterpy.gh import GHFilter

    seen = random.randn(10)

    def f(p: Any) -> Any:
        tracker, total = GHFilter(x=p[0], dx=p[1], dt=1.0, g=p[2], h=p[3]), 0.0
        for z in seen:
            total = total + (tracker.update(z)[0] - z) ** 2
        return total

    return f, [0.1, 0.2, 0.4, 0.05]


@program("brain signals, distances of covariances", "pyriemann", "numpy")
def pyriemann_distances(np: Any) -> Made:
    from pyriemann.utils import distance

    other = np.array(np.eye(3) * 2 + 0.3)

    def f(x: Any) -> Any:
        root = np.reshape(x, (3, 3))
        spread = root @ root.T + np.eye(3)
        names = ("riemann", "logeuclid", "wasserstein", "kullback")
        return sum(getattr(distance, f"distance_{name}")(spread, other) for name in names)

    return f, random.randn(9)


@program("brain signals, tangent spaces", "pyriemann", "none")
def pyriemann_tangents(np: Any) -> Made:
    from pyriemann.utils.mean import mean_logeuclid
    from pyriemann.utils.tangentspace import tangent_space

    def f(x: Any) -> Any:
        roots = np.reshape(x, (4, 3, 3))
        spreads = np.matmul(roots, np.swapaxes(roots, -1, -2)) + np.eye(3)
        return np.sum(tangent_space(spreads, mean_logeuclid(spreads)) ** 2)

    return f, random.randn(36)


@program("solar cells", "pvlib", "none")
def pvlib_currents(np: Any) -> Made:
    from pvlib.singlediode import bishop88

    volts = numpy.linspace(0, 0.75, 5)
    return (
        lambda p: np.sum(bishop88(volts, p[0], 1e-7 * p[1], p[2], 100 * p[3], 1.5 * p[4])[0])
    ), [5.0, 1.0, 0.3, 2.0, 1.0]


@program("sunlight on a plane", "pvlib", "none")
def pvlib_irradiance(np: Any) -> Made:
    from pvlib import atmosphere, iam, irradiance

    def f(p: Any) -> Any:
        angle = irradiance.aoi(*p)
        total = irradiance.haydavies(p[0], p[1], 100.0, 700.0, 1300.0, p[2], p[3])
        mass = atmosphere.get_relative_airmass(p[2])
        return angle + total + mass * 10 + iam.physical(angle) + 100 * iam.ashrae(angle)

    return f, [30.0, 180.0, 40.0, 150.0]


@program("geodesy", "pymap3d", "numpy")
def pymap3d_coordinates(np: Any) -> Made:
    import pymap3d

    def f(p: Any) -> Any:
        x, y, z = pymap3d.geodetic2ecef(p[0], p[1], p[2] * 100)
        e, n, u = pymap3d.ecef2enu(x, y, z, 42.0, -82.0, 200.0)
        north, east, up = pymap3d.ecef2geodetic(x + 10, y, z)
        around, high, far = pymap3d.enu2aer(e, n, u)
        return 1e-3 * (e + n + u) + north + east + up + around + high + far * 1e-4

    return f, [42.1, -82.2, 3.0]


@program("microwave networks", "scikit-rf", "numpy")
def skrf_parameters(np: Any) -> Made:
    from skrf import network

    def f(p: Any) -> Any:
        z = np.array([[[p[0] + 1j * p[1], p[2] + 0j], [p[2] + 0j, p[3] - 1j * p[4]]]])
        s = network.z2s(z, 50.0)
        total = np.sum(np.abs(s) ** 2) + 1e-3 * np.sum(np.abs(network.s2a(s, 50.0)) ** 2)
        return total + np.sum(np.abs(network.s2y(s, 50.0)) ** 2)

    return f, [30.0, 10.0, 5.0, 60.0, 20.0]


@program("thin films", "tmm", "numpy")
def tmm_coating(np: Any) -> Made:
    from tmm import coh_tmm

    def f(thick: Any) -> Any:
        total, glass = 0.0, [1, 1.46, 2.2 + 0.01j, 1.46, 1.5]
        for wave in (400.0, 550.0, 700.0):
            depths = [numpy.inf, *(100 * d for d in thick), numpy.inf]
            found = coh_tmm("s", glass, depths, 0.2, wave)
            total = total + found["R"] + found["T"]
        return total

    return f, [1.0, 0.7, 1.3]


@program("spectral lines", "lmfit", "none")
def lmfit_lines(np: Any) -> Made:
    from lmfit import lineshapes

    x = numpy.linspace(-5, 5, 41)

    def f(p: Any) -> Any:
        narrow, wide = lineshapes.gaussian(x, *p), lineshapes.lorentzian(x, *p)
        total = np.sum(narrow**2) + np.sum(wide * lineshapes.pearson7(x, *p, 2.0))
        total = total + np.sum(lineshapes.breit_wigner(x, *p, 1.0))
        return total + np.sum(lineshapes.skewed_gaussian(x, *p, 0.3) + lineshapes.students_t(x, *p))

    return f, [2.0, 0.3, 1.2]


@program("frames of beams", "calfem-python", "numpy")
def calfem_frame(np: Any) -> Made:
    from calfem import core

    degrees = numpy.array([[1, 2, 3, 4, 5, 6], [4, 5, 6, 7, 8, 9]])

    def f(areas: Any) -> Any:
        stiff, load = np.zeros((9, 9)), np.zeros((9, 1))
        load[7] = -1.0
        for i, a in enumerate(areas):
            ends = numpy.array([i, i + 1.0]), numpy.array([0.0, i * 0.5])
            stiff = core.assem(degrees[i], stiff, core.beam2e(*ends, [10.0, a, a**2 / 12]))
        return np.sum(load * core.solveq(stiff, load, numpy.array([1, 2, 3]))[0])

    return f, [1.2, 0.8]


@program("option prices", "pysabr", "none")
def pysabr_volatility(np: Any) -> Made:
    from pysabr.models.hagan_2002_lognormal_sabr import lognormal_vol

    def f(p: Any) -> Any:
        strikes = (0.01, 0.02, 0.025, 0.03)
        return sum(lognormal_vol(k, 0.025, 1.0, p[0], 0.5, p[1], p[2]) for k in strikes)

    return f, [0.04, -0.3, 0.4]


@program("molecular dynamics", "ase", "none")
def ase_cutoff(np: Any) -> Made:
    from ase.calculators.lj import cutoff_function

    i, j = numpy.triu_indices(6, 1)

    def f(x: Any) -> Any:
        places = np.reshape(x, (6, 3))
        squares = np.sum((places[i] - places[j]) ** 2, 1)
        sixth = (1.0 / squares) ** 3
        return np.sum(4 * (sixth**2 - sixth) * cutoff_function(squares, 9.0, 6.0))

    corners = numpy.argwhere(numpy.ones((1, 2, 3))) * 1.3
    return f, (corners + random.randn(6, 3) * 0.05).ravel()


@program("adaptive filters", "padasip", "numpy")
def padasip_filters(np: Any) -> Made:
    from padasip.filters import FilterLMS, FilterNLMS

    given, wanted = random.randn(20, 3), random.randn(20)

    def f(p: Any) -> Any:
        total = 0.0
        for kind in (FilterLMS, FilterNLMS):
            learner = kind(n=3, mu=p[0], w="zeros")
            for x, d in zip(given, wanted, strict=True):
                learner.adapt(d, x)
            total = total + np.sum((given @ learner.w - wanted) ** 2)
        return total

    return f, [0.1]


@program("wave optics", "prysm", "numpy")
def prysm_focus(np: Any) -> Made:
    from prysm.coordinates import cart_to_polar, make_xy_grid
    from prysm.geometry import circle
    from prysm.polynomials import zernike_nm
    from prysm.propagation import Wavefront

    x, y = make_xy_grid(32, diameter=10)
    r, t = cart_to_polar(x, y)
    pupil = circle(5, r)
    modes = [zernike_nm(n, m, r / 5, t) for n, m in ((2, 0), (2, 2), (3, 1))]

    def f(weights: Any) -> Any:
        phase = sum(100 * w * mode for w, mode in zip(weights, modes, strict=True))
        wave = Wavefront.from_amp_and_phase(pupil, phase, 0.6328, x[0, 1] - x[0, 0])
        return np.sum(wave.focus(100, Q=2).intensity.data ** 2) * 1e-6

    return f, [0.3, 0.2, 0.1]


@program("econometrics", "statsmodels", "none")
def statsmodels_likelihoods(np: Any) -> Made:
    from statsmodels.api import GLM, Probit, families

    given, chosen = random.randn(40, 3), (random.rand(40) > 0.5) * 1.0
    choice = Probit(chosen, given)
    amount = GLM(random.rand(40) + 0.5, given, families.Gamma(families.links.Log()))
    return (lambda b: choice.loglike(b) + amount.loglike(b, scale=1.0)), [0.1, 0.2, -0.3]


@program("change points", "ruptures", "none")
def ruptures_costs(np: Any) -> Made:
    from ruptures.costs import CostL2, CostLinear

    def f(x: Any) -> Any:
        signal = np.reshape(x, (12, 1))
        level = CostL2().fit(signal)
        slope = CostLinear().fit(np.hstack([signal, numpy.ones((12, 1))]))
        return level.error(0, 6) + level.error(6, 12) + np.sum(slope.error(0, 6))

    return f, random.randn(12)
