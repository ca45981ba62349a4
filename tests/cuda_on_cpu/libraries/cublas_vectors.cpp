// cuBLAS: vectors (level 1), and matrices with vectors (level 2).
#include <cmath>

#include "cublas.h"

using namespace cuda_on_cpu;
using namespace cuda_on_cpu::cublas;

namespace {

// The elements of a vector in the order that BLAS gives them: backwards for a negative step.
template <typename T> class Vector {
 public:
  Vector(const char *call, const char *name, const T *data, long n, long step)
      : data_(const_cast<T *>(data) + (step < 0 ? (1 - n) * step : 0)), step_(step) {
    touch(call, name, data, spread(n, step));
  }
  T &operator[](long i) const { return data_[i * step_]; }

 private:
  T *data_;
  long step_;
};

template <typename T> Real<T> taxicab(T x) {
  if constexpr (is_complex<T>) return std::abs(x.real()) + std::abs(x.imag());
  else return std::abs(x);
}

// The place, counted from 1, of the largest or the smallest element; 0 of no elements.
template <typename T>
int extreme(void *handle, const char *call, int n, const T *x, int step, int *place, bool largest) {
  Handle *const h = find(handle);
  if (!h) return refuse(call, NOT_INITIALIZED, "no handle");
  if (!is_where_said(h, place, sizeof *place))
    return refuse(call, INVALID_VALUE, "the result is null, or not where the pointer mode says");
  return give<int>(h, call, place, [=] {
    if (n <= 0 || step <= 0) return 0;
    Vector<T> at(call, "x", x, n, step);
    int best = 0;
    for (int i = 1; i < n; ++i) {
      const auto size = taxicab(at[i]), record = taxicab(at[best]);
      if (largest ? size > record : size < record) best = i;
    }
    return best + 1;
  });
}

template <typename T>
int dot(void *handle, const char *call, int n, const T *x, int x_step, const T *y, int y_step,
        T *result, bool conjugated) {
  Handle *const h = find(handle);
  if (!h) return refuse(call, NOT_INITIALIZED, "no handle");
  if (!is_where_said(h, result, sizeof *result))
    return refuse(call, INVALID_VALUE, "the result is null, or not where the pointer mode says");
  return give<T>(h, call, result, [=] {
    Vector<T> left(call, "x", x, n, x_step), right(call, "y", y, n, y_step);
    T sum = 0;
    for (long i = 0; i < n; ++i) sum += (conjugated ? conjugate(left[i]) : left[i]) * right[i];
    return sum;
  });
}

// The norm, scaled so that nothing overflows; or the sum of absolute values.
template <typename T>
int norm(void *handle, const char *call, int n, const T *x, int step, Real<T> *result, bool one) {
  Handle *const h = find(handle);
  if (!h) return refuse(call, NOT_INITIALIZED, "no handle");
  if (!is_where_said(h, result, sizeof *result))
    return refuse(call, INVALID_VALUE, "the result is null, or not where the pointer mode says");
  return give<Real<T>>(h, call, result, [=] {
    Real<T> sum = 0;
    if (step <= 0) return sum;
    Vector<T> at(call, "x", x, n, step);
    for (long i = 0; i < n; ++i)
      sum = one ? sum + taxicab(at[i]) : std::hypot(sum, std::abs(at[i]));
    return sum;
  });
}

template <typename T, typename A>
int scale(void *handle, const char *call, int n, const A *alpha, T *x, int step) {
  Handle *const h = find(handle);
  if (!h) return refuse(call, NOT_INITIALIZED, "no handle");
  if (!is_where_said(h, alpha, sizeof *alpha))
    return refuse(call, INVALID_VALUE, "alpha is null, or not where the pointer mode says");
  if (n <= 0 || step <= 0) return SUCCESS;
  Scalar<A> by(h, alpha);
  return queue(h, call, [=] {
    Vector<T> at(call, "x", x, n, step);
    const A factor = by(call);
    for (long i = 0; i < n; ++i) at[i] *= factor;
  });
}

template <typename T>
int outer(void *handle, const char *call, int m, int n, const T *alpha, const T *x, int x_step,
          const T *y, int y_step, T *a, int lda, bool conjugated) {
  Handle *const h = find(handle);
  if (!h) return refuse(call, NOT_INITIALIZED, "no handle");
  if (m < 0 || n < 0 || !x_step || !y_step || lda < std::max(1, m))
    return refuse(call, INVALID_VALUE, "m, n, a step or lda");
  if (!is_where_said(h, alpha, sizeof *alpha))
    return refuse(call, INVALID_VALUE, "alpha is null, or not where the pointer mode says");
  Scalar<T> by(h, alpha);
  return queue(h, call, [=] {
    Vector<T> column(call, "x", x, m, x_step), row(call, "y", y, n, y_step);
    touch(call, "A", a, span(m, n, lda));
    const T factor = by(call);
    for (long j = 0; j < n; ++j) {
      const T right = factor * (conjugated ? conjugate(row[j]) : row[j]);
      for (long i = 0; i < m; ++i) a[i + j * lda] += column[i] * right;
    }
  });
}

template <typename T> T plus_old(T sum, T beta, T old) {
  return beta == T(0) ? sum : sum + beta * old;
}

}  // namespace

extern "C" {

#define EXTREMES(P, T)                                                                            \
  int cublasI##P##amax_v2(void *handle, int n, const T *x, int step, int *place) {                \
    return extreme(handle, __func__, n, x, step, place, true);                                    \
  }                                                                                               \
  int cublasI##P##amin_v2(void *handle, int n, const T *x, int step, int *place) {                \
    return extreme(handle, __func__, n, x, step, place, false);                                   \
  }
EXTREMES(s, float) EXTREMES(d, double) EXTREMES(c, complex64) EXTREMES(z, complex128)

#define DOT(NAME, T, CONJUGATED)                                                                  \
  int cublas##NAME##_v2(void *handle, int n, const T *x, int x_step, const T *y, int y_step,      \
                        T *result) {                                                              \
    return dot(handle, __func__, n, x, x_step, y, y_step, result, CONJUGATED);                    \
  }
DOT(Sdot, float, false) DOT(Ddot, double, false) DOT(Cdotu, complex64, false)
DOT(Cdotc, complex64, true) DOT(Zdotu, complex128, false) DOT(Zdotc, complex128, true)

#define NORM(NAME, T, ONE)                                                                        \
  int cublas##NAME##_v2(void *handle, int n, const T *x, int step, Real<T> *result) {             \
    return norm(handle, __func__, n, x, step, result, ONE);                                       \
  }
NORM(Sasum, float, true) NORM(Dasum, double, true) NORM(Scasum, complex64, true)
NORM(Dzasum, complex128, true) NORM(Snrm2, float, false) NORM(Dnrm2, double, false)
NORM(Scnrm2, complex64, false) NORM(Dznrm2, complex128, false)

#define SCALE(NAME, T, A)                                                                         \
  int cublas##NAME##_v2(void *handle, int n, const A *alpha, T *x, int step) {                    \
    return scale(handle, __func__, n, alpha, x, step);                                            \
  }
SCALE(Sscal, float, float) SCALE(Dscal, double, double) SCALE(Cscal, complex64, complex64)
SCALE(Csscal, complex64, float) SCALE(Zscal, complex128, complex128)
SCALE(Zdscal, complex128, double)

#define OUTER(NAME, T, CONJUGATED)                                                                \
  int cublas##NAME(void *handle, int m, int n, const T *alpha, const T *x, int x_step,            \
                   const T *y, int y_step, T *a, int lda) {                                       \
    return outer(handle, __func__, m, n, alpha, x, x_step, y, y_step, a, lda, CONJUGATED);        \
  }
OUTER(Sger_v2, float, false) OUTER(Dger_v2, double, false) OUTER(Cgeru_v2, complex64, false)
OUTER(Cgerc_v2, complex64, true) OUTER(Zgeru_v2, complex128, false)
OUTER(Zgerc_v2, complex128, true)

#define EACH_TYPE(P, T)                                                                           \
  int cublas##P##axpy_v2(void *handle, int n, const T *alpha, const T *x, int x_step, T *y,       \
                         int y_step) {                                                            \
    CUBLAS_HANDLE(handle);                                                                        \
    CUBLAS_SCALAR(alpha);                                                                         \
    if (n <= 0) return SUCCESS;                                                                   \
    Scalar<T> by(h, alpha);                                                                       \
    return queue(h, __func__, [=, call = __func__] {                                              \
      Vector<T> from(call, "x", x, n, x_step), to(call, "y", y, n, y_step);                       \
      const T factor = by(call);                                                                  \
      for (long i = 0; i < n; ++i) to[i] += factor * from[i];                                     \
    });                                                                                           \
  }                                                                                               \
  int cublas##P##gemv_v2(void *handle, int trans, int m, int n, const T *alpha, const T *a,       \
                         int lda, const T *x, int x_step, const T *beta, T *y, int y_step) {      \
    CUBLAS_HANDLE(handle);                                                                        \
    CUBLAS_WANTS(trans >= 0 && trans <= 2);                                                       \
    CUBLAS_WANTS(m >= 0 && n >= 0);                                                               \
    CUBLAS_WANTS(lda >= std::max(1, m));                                                          \
    CUBLAS_WANTS(x_step && y_step);                                                               \
    CUBLAS_SCALAR(alpha);                                                                         \
    CUBLAS_SCALAR(beta);                                                                          \
    if (!m || !n) return SUCCESS;                                                                 \
    Scalar<T> by(h, alpha), with(h, beta);                                                        \
    return queue(h, __func__, [=, call = __func__] {                                              \
      const long rows = trans ? n : m, depth = trans ? m : n;                                     \
      touch(call, "A", a, span(m, n, lda));                                                       \
      Vector<T> from(call, "x", x, depth, x_step), to(call, "y", y, rows, y_step);                \
      const T factor = by(call), old = with(call);                                                \
      for (long i = 0; i < rows; ++i) {                                                           \
        T sum = 0;                                                                                \
        for (long l = 0; l < depth; ++l) {                                                        \
          const T entry = trans ? a[l + i * lda] : a[i + l * lda];                                \
          sum += (trans == 2 ? conjugate(entry) : entry) * from[l];                               \
        }                                                                                         \
        to[i] = plus_old(factor * sum, old, to[i]);                                               \
      }                                                                                           \
    });                                                                                           \
  }
EACH_TYPE(S, float) EACH_TYPE(D, double) EACH_TYPE(C, complex64) EACH_TYPE(Z, complex128)

// A symmetric matrix with k diagonals on each side, of which one side is stored.
#define BANDED(P, T)                                                                              \
  int cublas##P##sbmv_v2(void *handle, int upper, int n, int k, const T *alpha, const T *a,       \
                         int lda, const T *x, int x_step, const T *beta, T *y, int y_step) {      \
    CUBLAS_HANDLE(handle);                                                                        \
    CUBLAS_WANTS(upper == 0 || upper == 1);                                                       \
    CUBLAS_WANTS(n >= 0 && k >= 0);                                                               \
    CUBLAS_WANTS(lda >= k + 1);                                                                   \
    CUBLAS_WANTS(x_step && y_step);                                                               \
    CUBLAS_SCALAR(alpha);                                                                         \
    CUBLAS_SCALAR(beta);                                                                          \
    if (!n) return SUCCESS;                                                                       \
    Scalar<T> by(h, alpha), with(h, beta);                                                        \
    return queue(h, __func__, [=, call = __func__] {                                              \
      touch(call, "A", a, span(k + 1, n, lda));                                                   \
      Vector<T> from(call, "x", x, n, x_step), to(call, "y", y, n, y_step);                       \
      const T factor = by(call), old = with(call);                                                \
      std::vector<T> sums(size_t(n), T(0));                                                       \
      for (long j = 0; j < n; ++j)                                                                \
        for (long i = std::max(0L, j - k); i <= j; ++i) {                                         \
          const T entry = upper ? a[k + i - j + j * lda] : a[j - i + i * lda];                    \
          sums[size_t(i)] += entry * from[j];                                                     \
          if (i != j) sums[size_t(j)] += entry * from[i];                                         \
        }                                                                                         \
      for (long i = 0; i < n; ++i) to[i] = plus_old(factor * sums[size_t(i)], old, to[i]);        \
    });                                                                                           \
  }
BANDED(S, float) BANDED(D, double)

}  // extern "C"
