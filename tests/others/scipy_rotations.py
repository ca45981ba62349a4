"""scipy.spatial.transform."""

from __future__ import annotations

from typing import Any

import numpy as np
from case import Case, N, like

AXES = np.eye(3)


def _rotation(quaternion: Any) -> Any:
    from scipy.spatial.transform import Rotation

    return Rotation.from_quat(quaternion)


def _transform(translation: Any, quaternion: Any) -> Any:
    from scipy.spatial.transform import RigidTransform

    return RigidTransform.from_components(translation, _rotation(quaternion))


def _written(quaternions: Any, one: Any) -> Any:
    rotations = _rotation(quaternions)
    rotations[0] = _rotation(one)
    return rotations.as_quat()


def _interpolated(slerp: Any, quaternions: Any) -> Any:
    path = slerp(like(quaternions, [0.0, 1.0]), _rotation(quaternions))
    return path(like(quaternions, [0.3, 0.6])).as_quat()


R = "scipy.spatial.transform.Rotation"
T = "scipy.spatial.transform.RigidTransform"

ROTATION = [
    *(
        Case(f"{R}.{name}", N(2, 4), call=lambda f, q: f(_rotation(q)))
        for name in ("as_matrix", "as_mrp", "as_quat", "as_rotvec", "magnitude")
    ),
    *(
        Case(f"{R}.{name}", N(2, 3), call=lambda f, v: f(v).as_matrix())
        for name in ("from_mrp", "from_rotvec")
    ),
    Case(f"{R}.__getitem__", N(2, 4), call=lambda f, q: f(_rotation(q), 1).as_quat()),
    Case(f"{R}.__mul__", N(2, 4), N(2, 4),
         call=lambda f, q, p: f(_rotation(q), _rotation(p)).as_quat()),
    Case(f"{R}.__pow__", N(2, 4), call=lambda f, q: f(_rotation(q), 2.5).as_quat()),
    Case(f"{R}.__setitem__", N(2, 4), N(4), call=lambda f, q, p: _written(q, p)),
    Case(f"{R}.align_vectors", N(4, 3), N(4, 3), call=lambda f, a, b: f(a, b)[0].as_matrix()),
    Case(f"{R}.apply", N(2, 4), N(2, 3), call=lambda f, q, v: f(_rotation(q), v)),
    Case(f"{R}.as_davenport", N(2, 4),
         call=lambda f, q: f(_rotation(q), like(q, AXES), "extrinsic")),
    Case(f"{R}.as_euler", N(2, 4), call=lambda f, q: f(_rotation(q), "zyx")),
    Case(f"{R}.concatenate", N(2, 4), N(3, 4),
         call=lambda f, q, p: f([_rotation(q), _rotation(p)]).as_quat()),
    Case(f"{R}.from_davenport", N(2),
         call=lambda f, v: f(like(v, AXES[:2]), "extrinsic", v).as_matrix()),
    Case(f"{R}.from_euler", N(2, 3), call=lambda f, v: f("xyz", v).as_matrix()),
    Case(f"{R}.from_matrix", lambda rng: np.eye(3) + 0.2 * rng.normal(size=(2, 3, 3)),
         call=lambda f, m: f(m).as_quat()),
    Case(f"{R}.from_quat", N(2, 4), call=lambda f, q: f(q).as_matrix()),
    Case(f"{R}.inv", N(2, 4), call=lambda f, q: f(_rotation(q)).as_quat()),
    Case(f"{R}.mean", N(6, 4), call=lambda f, q: f(_rotation(q)).as_matrix()),
    Case(f"{R}.reduce", N(2, 4), call=lambda f, q: f(_rotation(q)).as_quat()),
    Case("scipy.spatial.transform.Slerp", N(2, 4), call=_interpolated),
]

RIGID = [
    *(
        Case(f"{T}.{name}", N(2, 3), N(2, 4), call=lambda f, t, q: f(_transform(t, q)))
        for name in ("as_dual_quat", "as_exp_coords", "as_matrix")
    ),
    Case(f"{T}.__mul__", N(2, 3), N(2, 4),
         call=lambda f, t, q: f(_transform(t, q), _transform(2 * t, q)).as_matrix()),
    Case(f"{T}.__pow__", N(2, 3), N(2, 4),
         call=lambda f, t, q: f(_transform(t, q), 1.5).as_matrix()),
    Case(f"{T}.apply", N(2, 3), N(2, 4), N(2, 3),
         call=lambda f, t, q, v: f(_transform(t, q), v)),
    Case(f"{T}.from_components", N(2, 3), N(2, 4),
         call=lambda f, t, q: f(t, _rotation(q)).as_matrix()),
    Case(f"{T}.from_dual_quat", N(2, 8), call=lambda f, d: f(d).as_matrix()),
    Case(f"{T}.from_exp_coords", N(2, 6), call=lambda f, e: f(e).as_matrix()),
    Case(f"{T}.from_translation", N(2, 3), call=lambda f, t: f(t).as_matrix()),
    Case(f"{T}.inv", N(2, 3), N(2, 4), call=lambda f, t, q: f(_transform(t, q)).as_matrix()),
    Case(f"{T}.mean", N(6, 3), N(6, 4), call=lambda f, t, q: f(_transform(t, q)).as_matrix()),
]
