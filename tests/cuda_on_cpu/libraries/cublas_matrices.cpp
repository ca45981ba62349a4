// cuBLAS: triangular solves, symmetric products, sums of matrices, and packed triangles.
#include "cublas.h"
#include "lapack.h"

using namespace cuda_on_cpu;
using namespace cuda_on_cpu::cublas;

namespace {

template <typename T> T entry(const T *a, long lda, int trans, long i, long j) {
  if (!trans) return a[i + j * lda];
  return trans == 2 ? conjugate(a[j + i * lda]) : a[j + i * lda];
}

// Whether (i, j) lies in the stored triangle.
bool is_stored(int upper, long i, long j) { return upper ? i <= j : i >= j; }

}  // namespace

extern "C" {

#define CHECK_TRIANGULAR                                                                          \
  CUBLAS_HANDLE(handle);                                                                          \
  CUBLAS_WANTS(side == 0 || side == 1);                                                           \
  CUBLAS_WANTS(upper == 0 || upper == 1);                                                         \
  CUBLAS_WANTS(trans >= 0 && trans <= 2);                                                         \
  CUBLAS_WANTS(unit == 0 || unit == 1);                                                           \
  CUBLAS_WANTS(m >= 0 && n >= 0);                                                                 \
  CUBLAS_WANTS(lda >= std::max(1, side ? n : m));                                                 \
  CUBLAS_WANTS(ldb >= std::max(1, m));                                                            \
  CUBLAS_SCALAR(alpha);                                                                           \
  if (!m || !n) return SUCCESS

#define SOLVE(A, B)                                                                               \
  const int order = side ? n : m;                                                                 \
  touch(call, "A", A, span(order, order, lda));                                                   \
  touch(call, "B", B, span(m, n, ldb));                                                           \
  lapack::trsm("LR"[side], "LU"[upper], OPERATIONS[trans], "NU"[unit], m, n, by(call), A, lda, B, \
               ldb)

#define EACH_TYPE(P, T)                                                                           \
  int cublas##P##trsm_v2(void *handle, int side, int upper, int trans, int unit, int m, int n,    \
                         const T *alpha, const T *a, int lda, T *b, int ldb) {                    \
    CHECK_TRIANGULAR;                                                                             \
    Scalar<T> by(h, alpha);                                                                       \
    return queue(h, __func__, [=, call = __func__] { SOLVE(a, b); });                             \
  }                                                                                               \
  int cublas##P##trsmBatched(void *handle, int side, int upper, int trans, int unit, int m,       \
                             int n, const T *alpha, const T *const *a, int lda, T *const *b,      \
                             int ldb, int count) {                                                \
    CHECK_TRIANGULAR;                                                                             \
    CUBLAS_WANTS(count >= 0);                                                                     \
    Scalar<T> by(h, alpha);                                                                       \
    return queue(h, __func__, [=, call = __func__] {                                              \
      touch(call, "the pointers to A", a, size_t(count));                                         \
      touch(call, "the pointers to B", b, size_t(count));                                         \
      for (int i = 0; i < count; ++i) { SOLVE(a[i], b[i]); }                                      \
    });                                                                                           \
  }                                                                                               \
  int cublas##P##syrk_v2(void *handle, int upper, int trans, int n, int k, const T *alpha,        \
                         const T *a, int lda, const T *beta, T *c, int ldc) {                     \
    CUBLAS_HANDLE(handle);                                                                        \
    CUBLAS_WANTS(upper == 0 || upper == 1);                                                       \
    CUBLAS_WANTS(trans == 0 || trans == 1 || (trans == 2 && !is_complex<T>));                     \
    CUBLAS_WANTS(n >= 0 && k >= 0);                                                               \
    CUBLAS_WANTS(lda >= std::max(1, trans ? k : n));                                              \
    CUBLAS_WANTS(ldc >= std::max(1, n));                                                          \
    CUBLAS_SCALAR(alpha);                                                                         \
    CUBLAS_SCALAR(beta);                                                                          \
    if (!n) return SUCCESS;                                                                       \
    Scalar<T> by(h, alpha), with(h, beta);                                                        \
    return queue(h, __func__, [=, call = __func__] {                                              \
      touch(call, "A", a, trans ? span(k, n, lda) : span(n, k, lda));                             \
      touch(call, "C", c, span(n, n, ldc));                                                       \
      const T factor = by(call), old = with(call);                                                \
      for (long j = 0; j < n; ++j)                                                                \
        for (long i = 0; i < n; ++i) {                                                            \
          if (!is_stored(upper, i, j)) continue;                                                  \
          T sum = 0;                                                                              \
          for (long l = 0; l < k; ++l)                                                            \
            sum += entry(a, lda, trans != 0, i, l) * entry(a, lda, trans != 0, j, l);             \
          T &result = c[i + j * ldc];                                                             \
          result = old == T(0) ? factor * sum : factor * sum + old * result;                      \
        }                                                                                         \
    });                                                                                           \
  }                                                                                               \
  /* C may be A or B, if that is not transposed and lies as C does. */                            \
  int cublas##P##geam(void *handle, int ta, int tb, int m, int n, const T *alpha, const T *a,     \
                      int lda, const T *beta, const T *b, int ldb, T *c, int ldc) {               \
    CUBLAS_HANDLE(handle);                                                                        \
    CUBLAS_WANTS(ta >= 0 && ta <= 2 && tb >= 0 && tb <= 2);                                       \
    CUBLAS_WANTS(m >= 0 && n >= 0);                                                               \
    CUBLAS_WANTS(lda >= std::max(1, ta ? n : m));                                                 \
    CUBLAS_WANTS(ldb >= std::max(1, tb ? n : m));                                                 \
    CUBLAS_WANTS(ldc >= std::max(1, m));                                                          \
    CUBLAS_SCALAR(alpha);                                                                         \
    CUBLAS_SCALAR(beta);                                                                          \
    CUBLAS_WANTS(c != a || (!ta && lda == ldc));                                                  \
    CUBLAS_WANTS(c != b || (!tb && ldb == ldc));                                                  \
    if (!m || !n) return SUCCESS;                                                                 \
    Scalar<T> by(h, alpha), with(h, beta);                                                        \
    return queue(h, __func__, [=, call = __func__] {                                              \
      const T left = by(call), right = with(call);                                                \
      if (left != T(0)) touch(call, "A", a, ta ? span(n, m, lda) : span(m, n, lda));              \
      if (right != T(0)) touch(call, "B", b, tb ? span(n, m, ldb) : span(m, n, ldb));             \
      touch(call, "C", c, span(m, n, ldc));                                                       \
      for (long j = 0; j < n; ++j)                                                                \
        for (long i = 0; i < m; ++i)                                                              \
          c[i + j * ldc] = (left == T(0) ? T(0) : left * entry(a, lda, ta, i, j)) +               \
                           (right == T(0) ? T(0) : right * entry(b, ldb, tb, i, j));              \
    });                                                                                           \
  }                                                                                               \
  int cublas##P##dgmm(void *handle, int side, int m, int n, const T *a, int lda, const T *x,      \
                      int step, T *c, int ldc) {                                                  \
    CUBLAS_HANDLE(handle);                                                                        \
    CUBLAS_WANTS(side == 0 || side == 1);                                                         \
    CUBLAS_WANTS(m >= 0 && n >= 0);                                                               \
    CUBLAS_WANTS(lda >= std::max(1, m) && ldc >= std::max(1, m));                                 \
    CUBLAS_WANTS(c != a || lda == ldc);                                                           \
    if (!m || !n) return SUCCESS;                                                                 \
    return queue(h, __func__, [=, call = __func__] {                                              \
      const long entries = side ? n : m;                                                          \
      touch(call, "A", a, span(m, n, lda));                                                       \
      touch(call, "x", x, spread(entries, step));                                                 \
      touch(call, "C", c, span(m, n, ldc));                                                       \
      const T *first = x + (step < 0 ? (1 - entries) * long(step) : 0);                           \
      for (long j = 0; j < n; ++j)                                                                \
        for (long i = 0; i < m; ++i)                                                              \
          c[i + j * ldc] = a[i + j * lda] * first[(side ? j : i) * step];                         \
    });                                                                                           \
  }
EACH_TYPE(S, float) EACH_TYPE(D, double) EACH_TYPE(C, complex64) EACH_TYPE(Z, complex128)

// A triangle in columns one after the other, to and from a square matrix.
#define PACKED(P, T)                                                                              \
  int cublas##P##tpttr(void *handle, int upper, int n, const T *packed, T *a, int lda) {          \
    CUBLAS_HANDLE(handle);                                                                        \
    CUBLAS_WANTS(upper == 0 || upper == 1);                                                       \
    CUBLAS_WANTS(n >= 0 && lda >= std::max(1, n));                                                \
    return queue(h, __func__, [=, call = __func__] {                                              \
      touch(call, "AP", packed, size_t(n) * size_t(n + 1) / 2);                                   \
      touch(call, "A", a, span(n, n, lda));                                                       \
      const T *next = packed;                                                                     \
      for (long j = 0; j < n; ++j)                                                                \
        for (long i = 0; i < n; ++i)                                                              \
          if (is_stored(upper, i, j)) a[i + j * lda] = *next++;                                   \
    });                                                                                           \
  }                                                                                               \
  int cublas##P##trttp(void *handle, int upper, int n, const T *a, int lda, T *packed) {          \
    CUBLAS_HANDLE(handle);                                                                        \
    CUBLAS_WANTS(upper == 0 || upper == 1);                                                       \
    CUBLAS_WANTS(n >= 0 && lda >= std::max(1, n));                                                \
    return queue(h, __func__, [=, call = __func__] {                                              \
      touch(call, "A", a, span(n, n, lda));                                                       \
      touch(call, "AP", packed, size_t(n) * size_t(n + 1) / 2);                                   \
      T *next = packed;                                                                           \
      for (long j = 0; j < n; ++j)                                                                \
        for (long i = 0; i < n; ++i)                                                              \
          if (is_stored(upper, i, j)) *next++ = a[i + j * lda];                                   \
    });                                                                                           \
  }
PACKED(S, float) PACKED(D, double)

}  // extern "C"
