// cuBLAS: LU factors, inverses and solutions of many small systems, given by arrays of pointers.
#include "cublas.h"
#include "lapack.h"

using namespace cuda_on_cpu;
using namespace cuda_on_cpu::cublas;

namespace {

// LU factors without exchange of rows: what a null array of pivots asks for.
template <typename T> int factor_in_place(int n, T *a, long lda) {
  int info = 0;
  for (long j = 0; j < n; ++j) {
    if (a[j + j * lda] == T(0) && !info) info = int(j) + 1;
    for (long i = j + 1; i < n; ++i) {
      a[i + j * lda] /= a[j + j * lda];
      for (long l = j + 1; l < n; ++l) a[i + l * lda] -= a[i + j * lda] * a[j + l * lda];
    }
  }
  return info;
}

std::vector<int> in_order(int n) {
  std::vector<int> pivots(static_cast<size_t>(n));
  for (int i = 0; i < n; ++i) pivots[size_t(i)] = i + 1;
  return pivots;
}

}  // namespace

extern "C" {

#define EACH_TYPE(P, T)                                                                           \
  int cublas##P##getrfBatched(void *handle, int n, T *const *a, int lda, int *pivots, int *info,  \
                              int count) {                                                        \
    CUBLAS_HANDLE(handle);                                                                        \
    CUBLAS_WANTS(n >= 0 && count >= 0);                                                           \
    CUBLAS_WANTS(lda >= std::max(1, n));                                                          \
    if (!n || !count) return SUCCESS;                                                             \
    return queue(h, __func__, [=, call = __func__] {                                              \
      touch(call, "the pointers to A", a, size_t(count));                                         \
      touch(call, "info", info, size_t(count));                                                   \
      if (pivots) touch(call, "the pivots", pivots, size_t(n) * size_t(count));                   \
      for (long i = 0; i < count; ++i) {                                                          \
        touch(call, "A", a[i], span(n, n, lda));                                                  \
        info[i] = pivots ? lapack::getrf(n, n, a[i], lda, pivots + i * n)                         \
                         : factor_in_place(n, a[i], lda);                                         \
      }                                                                                           \
    });                                                                                           \
  }                                                                                               \
  int cublas##P##getriBatched(void *handle, int n, const T *const *a, int lda,                    \
                              const int *pivots, T *const *c, int ldc, int *info, int count) {    \
    CUBLAS_HANDLE(handle);                                                                        \
    CUBLAS_WANTS(n >= 0 && count >= 0);                                                           \
    CUBLAS_WANTS(lda >= std::max(1, n) && ldc >= std::max(1, n));                                 \
    if (!n || !count) return SUCCESS;                                                             \
    return queue(h, __func__, [=, call = __func__] {                                              \
      touch(call, "the pointers to A", a, size_t(count));                                         \
      touch(call, "the pointers to C", c, size_t(count));                                         \
      touch(call, "info", info, size_t(count));                                                   \
      if (pivots) touch(call, "the pivots", pivots, size_t(n) * size_t(count));                   \
      for (long i = 0; i < count; ++i) {                                                          \
        touch(call, "A", a[i], span(n, n, lda));                                                  \
        touch(call, "C", c[i], span(n, n, ldc));                                                  \
        if (a[i] == c[i]) throw std::runtime_error(std::string(call) + ": C must not be A");      \
        for (long j = 0; j < n; ++j)                                                              \
          std::copy(a[i] + j * lda, a[i] + j * lda + n, c[i] + j * ldc);                          \
        const auto plain = in_order(n);                                                           \
        info[i] = lapack::getri(n, c[i], ldc, pivots ? pivots + i * n : plain.data());            \
      }                                                                                           \
    });                                                                                           \
  }                                                                                               \
  /* This info is of the arguments, and on the host. */                                           \
  int cublas##P##getrsBatched(void *handle, int trans, int n, int right, const T *const *a,       \
                              int lda, const int *pivots, T *const *b, int ldb, int *info,        \
                              int count) {                                                        \
    CUBLAS_HANDLE(handle);                                                                        \
    CUBLAS_WANTS(info && !is_device_memory(info, sizeof *info));                                  \
    *info = trans < 0 || trans > 2 ? -1 : n < 0 ? -2 : right < 0 ? -3                             \
          : lda < std::max(1, n) ? -5 : ldb < std::max(1, n) ? -8 : count < 0 ? -10 : 0;          \
    CUBLAS_WANTS(*info == 0);                                                                     \
    if (!n || !right || !count) return SUCCESS;                                                   \
    return queue(h, __func__, [=, call = __func__] {                                              \
      touch(call, "the pointers to A", a, size_t(count));                                         \
      touch(call, "the pointers to B", b, size_t(count));                                         \
      if (pivots) touch(call, "the pivots", pivots, size_t(n) * size_t(count));                   \
      for (long i = 0; i < count; ++i) {                                                          \
        touch(call, "A", a[i], span(n, n, lda));                                                  \
        touch(call, "B", b[i], span(n, right, ldb));                                              \
        const auto plain = in_order(n);                                                           \
        lapack::getrs(OPERATIONS[trans], n, right, a[i], lda,                                     \
                      pivots ? pivots + i * n : plain.data(), b[i], ldb);                         \
      }                                                                                           \
    });                                                                                           \
  }
EACH_TYPE(S, float) EACH_TYPE(D, double) EACH_TYPE(C, complex64) EACH_TYPE(Z, complex128)

}  // extern "C"
