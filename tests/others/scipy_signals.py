"""scipy.fft and scipy.signal."""

from __future__ import annotations

from case import Case, N, P, Z, like, xp_of

FOURIER = [
    *(
        Case(f"scipy.fft.{name}", Z(8))
        for name in ("fft", "fftn", "fftshift", "ifft", "ifftn", "ifftshift")
    ),
    *(Case(f"scipy.fft.{name}", Z(2, 4)) for name in ("fft2", "ifft2")),
    *(
        Case(f"scipy.fft.{name}", N(8))
        for name in ("ihfft", "ihfftn", "rfft", "rfftn")
    ),
    *(Case(f"scipy.fft.{name}", N(4, 4)) for name in ("ihfft2", "rfft2")),
    *(Case(f"scipy.fft.{name}", Z(4, 3)) for name in ("hfft2", "irfft2")),
    *(
        Case(f"scipy.fft.{name}", Z(5))
        for name in ("hfft", "hfftn", "irfft", "irfftn")
    ),
    *(
        Case(f"scipy.fft.{name}", N(8), call=lambda f, x: f(x, 0.1, 1.0))
        for name in ("fht", "ifht")
    ),
]

SIGNAL = [
    *(Case(f"scipy.signal.{name}", N(8), N(3)) for name in ("fftconvolve", "oaconvolve")),
    *(
        Case(f"scipy.signal.{name}", N(8), N(3), call=lambda f, x, h: f(x, h, method="fft"))
        for name in ("convolve", "correlate")
    ),
    *(
        Case(f"scipy.signal.{name}", P(3), P(4), call=lambda f, b, a: f(b, a + 1))
        for name in ("normalize", "lp2bp", "lp2bs", "lp2hp", "lp2lp")
    ),
    *(
        Case(f"scipy.signal.{name}", Z(2), Z(3), call=lambda f, z, p: f(z, p, 1.0))
        for name in ("lp2bp_zpk", "lp2bs_zpk", "lp2hp_zpk", "lp2lp_zpk")
    ),
    Case("scipy.signal.bilinear_zpk", Z(2), Z(3), call=lambda f, z, p: f(z, p, 1.0, 2.0)),
    Case("scipy.signal.envelope", N(16)),
    Case("scipy.signal.firwin", P(2), call=lambda f, x: f(5, xp_of(x).sort(x))),
    Case("scipy.signal.freqs", P(3), P(3),
         call=lambda f, b, a: f(b, a, worN=like(b, [0.1, 0.2, 0.4]))[1]),
    Case("scipy.signal.freqs_zpk", Z(2), Z(3),
         call=lambda f, z, p: f(z, p, 1.0, worN=like(z, [0.1, 0.2, 0.4]))[1]),
    Case("scipy.signal.freqz", P(3), P(3), call=lambda f, b, a: f(b, a, worN=5)[1]),
    Case("scipy.signal.freqz_zpk", Z(2), Z(3), call=lambda f, z, p: f(z, p, 1.0, worN=5)[1]),
    Case("scipy.signal.gausspulse", P(4), call=lambda f, t: f(t, fc=2)),
    Case("scipy.signal.hilbert", N(8)),
    Case("scipy.signal.hilbert2", N(4, 4)),
    Case("scipy.signal.resample", N(8), call=lambda f, x: f(x, 12)),
    Case("scipy.signal.vectorstrength", P(5), P(2)),
    Case("scipy.signal.windows.general_cosine", P(3), call=lambda f, a: f(6, a)),
]
