// cuSOLVER: Cholesky, LU and QR factors, and solutions by them.
#include "cusolver.h"
#include "lapack.h"

using namespace cuda_on_cpu;
using namespace cuda_on_cpu::cusolver;

namespace {

// What a Cholesky factorization of many matrices leaves in the other triangle is not defined.
template <typename T> void spoil_other_triangle(int upper, int n, T *a, long lda) {
  for (long j = 0; j < n; ++j)
    for (long i = 0; i < n; ++i)
      if (upper ? i > j : i < j) a[i + j * lda] = T(std::nan(""));
}

}  // namespace

#define CHECK_SQUARE                                                                              \
  CUSOLVER_HANDLE(handle);                                                                        \
  CUSOLVER_WANTS(upper == 0 || upper == 1);                                                       \
  CUSOLVER_WANTS(n >= 0);                                                                         \
  CUSOLVER_WANTS(lda >= std::max(1, n))

#define CHECK_FACTORED                                                                            \
  CUSOLVER_HANDLE(handle);                                                                        \
  CUSOLVER_WANTS(m >= 0 && n >= 0);                                                               \
  CUSOLVER_WANTS(lda >= std::max(1, m))

#define CHECK_APPLIED                                                                             \
  CUSOLVER_HANDLE(handle);                                                                        \
  CUSOLVER_WANTS(side == 0 || side == 1);                                                         \
  CUSOLVER_WANTS(trans == 0 || trans == (is_complex<Element> ? 2 : 1));                           \
  CUSOLVER_WANTS(m >= 0 && n >= 0);                                                               \
  CUSOLVER_WANTS(k >= 0 && k <= (side ? n : m));                                                  \
  CUSOLVER_WANTS(lda >= std::max(1, side ? n : m));                                               \
  CUSOLVER_WANTS(ldc >= std::max(1, m))

extern "C" {

#define EACH_TYPE(P, T, o)                                                                        \
  int cusolverDn##P##potrf_bufferSize(void *handle, int upper, int n, T *, int lda, int *size) {  \
    CHECK_SQUARE;                                                                                 \
    CUSOLVER_WANTS(size);                                                                         \
    *size = workspace_of(n, n);                                                                   \
    return SUCCESS;                                                                               \
  }                                                                                               \
  int cusolverDn##P##potrf(void *handle, int upper, int n, T *a, int lda, T *space, int size,     \
                           int *info) {                                                           \
    CHECK_SQUARE;                                                                                 \
    CUSOLVER_WANTS(size >= workspace_of(n, n));                                                   \
    return queue(h, __func__, [=, call = __func__] {                                              \
      spoil(call, space, size_t(size) * sizeof(T));                                               \
      touch(call, "A", a, span(n, n, lda));                                                       \
      touch(call, "info", info, 1);                                                               \
      *info = lapack::potrf(TRIANGLES[upper], n, a, lda);                                         \
    });                                                                                           \
  }                                                                                               \
  int cusolverDn##P##potrs(void *handle, int upper, int n, int right, const T *a, int lda, T *b,  \
                           int ldb, int *info) {                                                  \
    CHECK_SQUARE;                                                                                 \
    CUSOLVER_WANTS(right >= 0);                                                                   \
    CUSOLVER_WANTS(ldb >= std::max(1, n));                                                        \
    return queue(h, __func__, [=, call = __func__] {                                              \
      touch(call, "A", a, span(n, n, lda));                                                       \
      touch(call, "B", b, span(n, right, ldb));                                                   \
      touch(call, "info", info, 1);                                                               \
      *info = lapack::potrs(TRIANGLES[upper], n, right, a, lda, b, ldb);                          \
    });                                                                                           \
  }                                                                                               \
  int cusolverDn##P##potrfBatched(void *handle, int upper, int n, T *const *a, int lda,           \
                                  int *info, int count) {                                         \
    CHECK_SQUARE;                                                                                 \
    CUSOLVER_WANTS(count >= 0);                                                                   \
    return queue(h, __func__, [=, call = __func__] {                                              \
      touch(call, "the pointers to A", a, size_t(count));                                         \
      touch(call, "info", info, size_t(count));                                                   \
      for (int i = 0; i < count; ++i) {                                                           \
        touch(call, "A", a[i], span(n, n, lda));                                                  \
        info[i] = lapack::potrf(TRIANGLES[upper], n, a[i], lda);                                  \
        spoil_other_triangle(upper, n, a[i], lda);                                                \
      }                                                                                           \
    });                                                                                           \
  }                                                                                               \
  int cusolverDn##P##potrsBatched(void *handle, int upper, int n, int right, T *const *a,         \
                                  int lda, T *const *b, int ldb, int *info, int count) {          \
    CHECK_SQUARE;                                                                                 \
    CUSOLVER_WANTS(right == 1);                                                                   \
    CUSOLVER_WANTS(ldb >= std::max(1, n));                                                        \
    CUSOLVER_WANTS(count >= 0);                                                                   \
    return queue(h, __func__, [=, call = __func__] {                                              \
      touch(call, "the pointers to A", a, size_t(count));                                         \
      touch(call, "the pointers to B", b, size_t(count));                                         \
      touch(call, "info", info, 1);                                                               \
      *info = 0;                                                                                  \
      for (int i = 0; i < count; ++i) {                                                           \
        touch(call, "A", a[i], span(n, n, lda));                                                  \
        touch(call, "B", b[i], size_t(n));                                                        \
        lapack::potrs(TRIANGLES[upper], n, right, a[i], lda, b[i], ldb);                          \
      }                                                                                           \
    });                                                                                           \
  }                                                                                               \
  int cusolverDn##P##getrf_bufferSize(void *handle, int m, int n, T *, int lda, int *size) {      \
    CHECK_FACTORED;                                                                               \
    CUSOLVER_WANTS(size);                                                                         \
    *size = workspace_of(m, n);                                                                   \
    return SUCCESS;                                                                               \
  }                                                                                               \
  /* No size is given of this workspace: it must be what was asked for. */                        \
  int cusolverDn##P##getrf(void *handle, int m, int n, T *a, int lda, T *space, int *pivots,      \
                           int *info) {                                                           \
    CHECK_FACTORED;                                                                               \
    if (!pivots) return refuse(__func__, NOT_SUPPORTED, "LU factors without pivots");             \
    return queue(h, __func__, [=, call = __func__] {                                              \
      spoil(call, space, size_t(workspace_of(m, n)) * sizeof(T));                                 \
      touch(call, "A", a, span(m, n, lda));                                                       \
      touch(call, "the pivots", pivots, size_t(std::min(m, n)));                                  \
      touch(call, "info", info, 1);                                                               \
      *info = lapack::getrf(m, n, a, lda, pivots);                                                \
    });                                                                                           \
  }                                                                                               \
  int cusolverDn##P##getrs(void *handle, int trans, int n, int right, const T *a, int lda,        \
                           const int *pivots, T *b, int ldb, int *info) {                         \
    CUSOLVER_HANDLE(handle);                                                                      \
    CUSOLVER_WANTS(trans >= 0 && trans <= 2);                                                     \
    CUSOLVER_WANTS(n >= 0 && right >= 0);                                                         \
    CUSOLVER_WANTS(lda >= std::max(1, n) && ldb >= std::max(1, n));                               \
    if (!pivots) return refuse(__func__, NOT_SUPPORTED, "LU factors without pivots");             \
    return queue(h, __func__, [=, call = __func__] {                                              \
      touch(call, "A", a, span(n, n, lda));                                                       \
      touch(call, "the pivots", pivots, size_t(n));                                               \
      touch(call, "B", b, span(n, right, ldb));                                                   \
      touch(call, "info", info, 1);                                                               \
      *info = lapack::getrs(OPERATIONS[trans], n, right, a, lda, pivots, b, ldb);                 \
    });                                                                                           \
  }                                                                                               \
  /* CuPy gives the columns for lda here, which the real one lets pass. */                        \
  int cusolverDn##P##geqrf_bufferSize(void *handle, int m, int n, T *, int, int *size) {          \
    CUSOLVER_HANDLE(handle);                                                                      \
    CUSOLVER_WANTS(m >= 0 && n >= 0);                                                             \
    CUSOLVER_WANTS(size);                                                                         \
    *size = workspace_of(m, n);                                                                   \
    return SUCCESS;                                                                               \
  }                                                                                               \
  int cusolverDn##P##geqrf(void *handle, int m, int n, T *a, int lda, T *tau, T *space, int size, \
                           int *info) {                                                           \
    CHECK_FACTORED;                                                                               \
    CUSOLVER_WANTS(size >= workspace_of(m, n));                                                   \
    return queue(h, __func__, [=, call = __func__] {                                              \
      spoil(call, space, size_t(size) * sizeof(T));                                               \
      touch(call, "A", a, span(m, n, lda));                                                       \
      touch(call, "tau", tau, size_t(std::min(m, n)));                                            \
      touch(call, "info", info, 1);                                                               \
      *info = lapack::geqrf(m, n, a, lda, tau);                                                   \
    });                                                                                           \
  }                                                                                               \
  int cusolverDn##P##o##gqr_bufferSize(void *handle, int m, int n, int k, const T *, int lda,     \
                                       const T *, int *size) {                                    \
    CHECK_FACTORED;                                                                               \
    CUSOLVER_WANTS(n <= m && k >= 0 && k <= n);                                                   \
    CUSOLVER_WANTS(size);                                                                         \
    *size = workspace_of(m, n);                                                                   \
    return SUCCESS;                                                                               \
  }                                                                                               \
  int cusolverDn##P##o##gqr(void *handle, int m, int n, int k, T *a, int lda, const T *tau,       \
                            T *space, int size, int *info) {                                      \
    CHECK_FACTORED;                                                                               \
    CUSOLVER_WANTS(n <= m && k >= 0 && k <= n);                                                   \
    CUSOLVER_WANTS(size >= workspace_of(m, n));                                                   \
    return queue(h, __func__, [=, call = __func__] {                                              \
      spoil(call, space, size_t(size) * sizeof(T));                                               \
      touch(call, "A", a, span(m, n, lda));                                                       \
      touch(call, "tau", tau, size_t(k));                                                         \
      touch(call, "info", info, 1);                                                               \
      *info = lapack::orgqr(m, n, k, a, lda, tau);                                                \
    });                                                                                           \
  }                                                                                               \
  int cusolverDn##P##o##mqr_bufferSize(void *handle, int side, int trans, int m, int n, int k,    \
                                       const T *, int lda, const T *, const T *, int ldc,         \
                                       int *size) {                                               \
    using Element = T;                                                                            \
    CHECK_APPLIED;                                                                                \
    CUSOLVER_WANTS(size);                                                                         \
    *size = workspace_of(m, n);                                                                   \
    return SUCCESS;                                                                               \
  }                                                                                               \
  int cusolverDn##P##o##mqr(void *handle, int side, int trans, int m, int n, int k, const T *a,   \
                            int lda, const T *tau, T *c, int ldc, T *space, int size,             \
                            int *info) {                                                          \
    using Element = T;                                                                            \
    CHECK_APPLIED;                                                                                \
    CUSOLVER_WANTS(size >= workspace_of(m, n));                                                   \
    return queue(h, __func__, [=, call = __func__] {                                              \
      spoil(call, space, size_t(size) * sizeof(T));                                               \
      touch(call, "A", a, span(side ? n : m, k, lda));                                            \
      touch(call, "tau", tau, size_t(k));                                                         \
      touch(call, "C", c, span(m, n, ldc));                                                       \
      touch(call, "info", info, 1);                                                               \
      *info = lapack::ormqr("LR"[side], OPERATIONS[trans], m, n, k, a, lda, tau, c, ldc);         \
    });                                                                                           \
  }
EACH_TYPE(S, float, or) EACH_TYPE(D, double, or) EACH_TYPE(C, complex64, un)
EACH_TYPE(Z, complex128, un)

}  // extern "C"
