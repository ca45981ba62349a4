"""scipy.special, scipy.stats and scipy.cluster."""

from __future__ import annotations

from case import Case, N, P, like

SPECIAL = [
    *(
        Case(f"scipy.special.{name}", P(4))
        for name in (
            "digamma", "entr", "erf", "erfc", "expit", "gamma", "gammaln", "log_ndtr",
            "log_softmax", "logit", "logsumexp", "ndtr", "psi", "sinc", "softmax", "softplus",
        )
    ),
    *(
        Case(f"scipy.special.{name}", P(4), P(4))
        for name in ("rel_entr", "xlog1py", "xlogy")
    ),
    Case("scipy.special.betainc", P(4), call=lambda f, x: f(like(x, 2.0), like(x, 3.0), x)),
    Case("scipy.special.polygamma", P(4), call=lambda f, x: f(2, x)),
    Case("scipy.special.logsumexp", P(2, 3), P(2, 3), call=lambda f, a, b: f(a, axis=1, b=b),
         label="weights"),
]  # fmt: skip

STATISTICS = [
    *(
        Case(f"scipy.stats.{name}", P(9))
        for name in (
            "circmean", "circstd", "circvar", "describe", "differential_entropy", "entropy",
            "gmean", "gstd", "gzscore", "hmean", "iqr", "kstat", "kstatvar", "kurtosis",
            "lmoment", "median_abs_deviation", "mode", "sem", "sigmaclip", "skew", "tmax", "tmean",
            "tmin", "tsem", "tstd", "tvar", "variation", "zscore",
        )
    ),
    *(
        Case(f"scipy.stats.{name}", P(25))
        for name in ("kurtosistest", "skewtest")
    ),
    Case("scipy.stats.boxcox_llf", P(9), call=lambda f, x: f(1.3, x)),
    Case("scipy.stats.directional_stats", N(6, 3)),
    Case("scipy.stats.entropy", P(5), P(5), label="relative"),
    Case("scipy.stats.false_discovery_control", P(5)),
    Case("scipy.stats.moment", P(9), call=lambda f, x: f(x, 3)),
    Case("scipy.stats.pmean", P(9), call=lambda f, x: f(x, 3)),
    Case("scipy.stats.quantile", P(9), call=lambda f, x: f(x, like(x, [0.3, 0.8]))),
    Case("scipy.stats.trim_mean", P(9), call=lambda f, x: f(x, 0.2)),
    Case("scipy.stats.yeojohnson_llf", P(9), call=lambda f, x: f(1.3, x)),
    Case("scipy.stats.ttest_ind", P(9), P(9), call=lambda f, x, y: f(x, y).statistic),
    Case("scipy.stats.ttest_ind", P(9), P(9), label="p-value",
         call=lambda f, x, y: f(x, y).pvalue),
    Case("scipy.stats.zmap", P(9), P(9)),
]  # fmt: skip

CLUSTER = [
    Case("scipy.cluster.vq.whiten", P(5, 2)),
]
