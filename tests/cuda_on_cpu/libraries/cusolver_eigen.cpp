// cuSOLVER: eigenvalues of symmetric, Hermitian and general matrices.
#include <algorithm>

#include "cusolver.h"
#include "lapack.h"

using namespace cuda_on_cpu;
using namespace cuda_on_cpu::cusolver;

namespace {

template <typename T>
int decompose(const char *call, int vectors, int upper, int n, T *a, int lda, Real<T> *w,
              bool sorted = true) {
  touch(call, "A", a, span(n, n, lda));
  touch(call, "W", w, size_t(n));
  const int info = lapack::syevd(JOBS[vectors], TRIANGLES[upper], n, a, lda, w);
  for (long j = 0; j < n && vectors; ++j) turn_column(a + j * lda, n, turn<T>(j));
  if (!sorted) {
    std::reverse(w, w + n);
    for (long j = 0; j < n / 2 && vectors; ++j)
      std::swap_ranges(a + j * lda, a + j * lda + n, a + (n - 1 - j) * long(lda));
  }
  return info;
}

// Eigenvalues of a general matrix, in the other order than LAPACK's. Of a real matrix, those of a
// pair stay together, the one with the positive imaginary part first, as their vector is kept.
template <typename T>
int decompose_general(int vectors, int n, T *a, int lda, std::complex<Real<T>> *w, T *v, int ldv) {
  const size_t order = size_t(n);
  std::vector<std::complex<Real<T>>> values(order);
  std::vector<T> columns(vectors ? order * order : 1);
  const int info = lapack::geev(JOBS[vectors], n, a, lda, values.data(), columns.data(), n);
  size_t to = 0;
  for (size_t end = order; end > 0;) {
    const bool pair = !is_complex<T> && values[end - 1].imag() != 0;
    const size_t start = end - (pair ? 2 : 1);
    for (size_t from = start; from < end; ++from) w[to + from - start] = values[from];
    if (vectors) {
      const auto by = std::polar(Real<T>(1), Real<T>(to + 1));
      for (size_t i = 0; i < order; ++i) {
        T *const at = v + i + to * size_t(ldv);
        const T x = columns[i + start * order];
        if (pair) {
          const T y = columns[i + (start + 1) * order];
          const std::complex<Real<T>> whole(std::real(x), std::real(y));
          at[0] = T((whole * by).real());
          at[ldv] = T((whole * by).imag());
        } else {
          *at = x * turn<T>(long(to));
        }
      }
    }
    to += end - start;
    end = start;
  }
  return info;
}

template <typename Use> int typed(const char *call, int type, Use use) {
  switch (type) {
    case R_32F: return use(float());
    case R_64F: return use(double());
    case C_32F: return use(complex64());
    case C_64F: return use(complex128());
  }
  return refuse(call, NOT_SUPPORTED, "no such type of data");
}

int real_of(int type) { return type == C_32F ? R_32F : type == C_64F ? R_64F : type; }
int complex_of(int type) { return type == R_32F ? C_32F : type == R_64F ? C_64F : type; }

// Bytes, on the device and on the host alike.
size_t bytes_of(int64_t n) { return size_t(workspace_of(int(n), int(n))) * sizeof(complex128); }

void spoil_host(void *space, size_t bytes) { std::memset(space, 0xA5, bytes); }

}  // namespace

#define CHECK_SYMMETRIC                                                                           \
  CUSOLVER_HANDLE(handle);                                                                        \
  CUSOLVER_WANTS(vectors == 0 || vectors == 1);                                                   \
  CUSOLVER_WANTS(upper == 0 || upper == 1);                                                       \
  CUSOLVER_WANTS(n >= 0);                                                                         \
  CUSOLVER_WANTS(lda >= std::max<int64_t>(1, n))

#define CHECK_TYPED_SYMMETRIC                                                                     \
  CHECK_SYMMETRIC;                                                                                \
  CUSOLVER_WANTS(is_params(params));                                                              \
  CUSOLVER_WANTS(w_type == real_of(type) && compute == type)

#define CHECK_GENERAL                                                                             \
  CUSOLVER_HANDLE(handle);                                                                        \
  CUSOLVER_WANTS(is_params(params));                                                              \
  CUSOLVER_WANTS(left == 0); /* left vectors are not supported */                                 \
  CUSOLVER_WANTS(right == 0 || right == 1);                                                       \
  CUSOLVER_WANTS(n >= 0);                                                                         \
  CUSOLVER_WANTS(lda >= std::max<int64_t>(1, n));                                                 \
  CUSOLVER_WANTS(!right || ldvr >= std::max<int64_t>(1, n));                                      \
  CUSOLVER_WANTS(w_type == complex_of(type) && vr_type == type && compute == type)

extern "C" {

#define EACH_TYPE(P, T, s)                                                                        \
  int cusolverDn##P##s##evd_bufferSize(void *handle, int vectors, int upper, int n, const T *,    \
                                       int lda, const Real<T> *, int *size) {                     \
    CHECK_SYMMETRIC;                                                                              \
    CUSOLVER_WANTS(size);                                                                         \
    *size = workspace_of(n, n);                                                                   \
    return SUCCESS;                                                                               \
  }                                                                                               \
  int cusolverDn##P##s##evd(void *handle, int vectors, int upper, int n, T *a, int lda,           \
                            Real<T> *w, T *space, int size, int *info) {                          \
    CHECK_SYMMETRIC;                                                                              \
    CUSOLVER_WANTS(size >= workspace_of(n, n));                                                   \
    return queue(h, __func__, [=, call = __func__] {                                              \
      spoil(call, space, size_t(size) * sizeof(T));                                               \
      touch(call, "info", info, 1);                                                               \
      *info = decompose(call, vectors, upper, n, a, lda, w);                                      \
    });                                                                                           \
  }                                                                                               \
  int cusolverDn##P##s##evj_bufferSize(void *handle, int vectors, int upper, int n, const T *,    \
                                       int lda, const Real<T> *, int *size, void *settings) {     \
    CHECK_SYMMETRIC;                                                                              \
    CUSOLVER_WANTS(find_jacobi(settings));                                                        \
    CUSOLVER_WANTS(size);                                                                         \
    *size = workspace_of(n, n);                                                                   \
    return SUCCESS;                                                                               \
  }                                                                                               \
  int cusolverDn##P##s##evj(void *handle, int vectors, int upper, int n, T *a, int lda,           \
                            Real<T> *w, T *space, int size, int *info, void *settings) {          \
    CHECK_SYMMETRIC;                                                                              \
    CUSOLVER_WANTS(find_jacobi(settings));                                                        \
    CUSOLVER_WANTS(size >= workspace_of(n, n));                                                   \
    return queue(h, __func__,                                                                     \
                 [=, call = __func__, sorted = find_jacobi(settings)->sorted] {                   \
      spoil(call, space, size_t(size) * sizeof(T));                                               \
      touch(call, "info", info, 1);                                                               \
      *info = decompose(call, vectors, upper, n, a, lda, w, sorted);                              \
    });                                                                                           \
  }                                                                                               \
  int cusolverDn##P##s##evjBatched_bufferSize(void *handle, int vectors, int upper, int n,        \
                                              const T *, int lda, const Real<T> *, int *size,     \
                                              void *settings, int count) {                        \
    CHECK_SYMMETRIC;                                                                              \
    CUSOLVER_WANTS(find_jacobi(settings));                                                        \
    CUSOLVER_WANTS(count >= 0);                                                                   \
    CUSOLVER_WANTS(size);                                                                         \
    *size = workspace_of(n, n) * std::max(count, 1);                                              \
    return SUCCESS;                                                                               \
  }                                                                                               \
  int cusolverDn##P##s##evjBatched(void *handle, int vectors, int upper, int n, T *a, int lda,    \
                                   Real<T> *w, T *space, int size, int *info, void *settings,     \
                                   int count) {                                                   \
    CHECK_SYMMETRIC;                                                                              \
    CUSOLVER_WANTS(find_jacobi(settings));                                                        \
    CUSOLVER_WANTS(count >= 0);                                                                   \
    CUSOLVER_WANTS(size >= workspace_of(n, n) * count);                                           \
    return queue(h, __func__,                                                                     \
                 [=, call = __func__, sorted = find_jacobi(settings)->sorted] {                   \
      spoil(call, space, size_t(size) * sizeof(T));                                               \
      touch(call, "info", info, size_t(count));                                                   \
      for (long i = 0; i < count; ++i)                                                            \
        info[i] = decompose(call, vectors, upper, n, a + i * n * lda, lda, w + i * n, sorted);    \
    });                                                                                           \
  }
EACH_TYPE(S, float, sy) EACH_TYPE(D, double, sy) EACH_TYPE(C, complex64, he)
EACH_TYPE(Z, complex128, he)

int cusolverDnXsyevd_bufferSize(void *handle, void *params, int vectors, int upper, int64_t n,
                                int type, const void *, int64_t lda, int w_type, const void *,
                                int compute, size_t *on_device, size_t *on_host) {
  CHECK_TYPED_SYMMETRIC;
  CUSOLVER_WANTS(on_device && on_host);
  *on_device = *on_host = bytes_of(n);
  return SUCCESS;
}

int cusolverDnXsyevd(void *handle, void *params, int vectors, int upper, int64_t n, int type,
                     void *a, int64_t lda, int w_type, void *w, int compute, void *device_space,
                     size_t device_size, void *host_space, size_t host_size, int *info) {
  CHECK_TYPED_SYMMETRIC;
  CUSOLVER_WANTS(device_size >= bytes_of(n) && host_size >= bytes_of(n));
  CUSOLVER_WANTS(host_space);
  spoil_host(host_space, host_size);
  const char *const call = __func__;
  return typed(call, type, [=](auto like) {
    using T = decltype(like);
    return queue(h, call, [=] {
      spoil(call, device_space, device_size);
      touch(call, "info", info, 1);
      *info = decompose(call, vectors, upper, int(n), static_cast<T *>(a), int(lda),
                        static_cast<Real<T> *>(w));
    });
  });
}

int cusolverDnXgeev_bufferSize(void *handle, void *params, int left, int right, int64_t n,
                               int type, const void *, int64_t lda, int w_type, const void *, int,
                               const void *, int64_t, int vr_type, const void *, int64_t ldvr,
                               int compute, size_t *on_device, size_t *on_host) {
  CHECK_GENERAL;
  CUSOLVER_WANTS(on_device && on_host);
  *on_device = *on_host = bytes_of(n);
  return SUCCESS;
}

int cusolverDnXgeev(void *handle, void *params, int left, int right, int64_t n, int type, void *a,
                    int64_t lda, int w_type, void *w, int, void *, int64_t, int vr_type, void *vr,
                    int64_t ldvr, int compute, void *device_space, size_t device_size,
                    void *host_space, size_t host_size, int *info) {
  CHECK_GENERAL;
  CUSOLVER_WANTS(device_size >= bytes_of(n) && host_size >= bytes_of(n));
  CUSOLVER_WANTS(host_space);
  spoil_host(host_space, host_size);
  const char *const call = __func__;
  return typed(call, type, [=](auto like) {
    using T = decltype(like);
    return queue(h, call, [=] {
      auto *const matrix = static_cast<T *>(a), *const vectors = static_cast<T *>(vr);
      auto *const values = static_cast<std::complex<Real<T>> *>(w);
      spoil(call, device_space, device_size);
      touch(call, "A", matrix, span(n, n, lda));
      touch(call, "W", values, size_t(n));
      if (right) touch(call, "VR", vectors, span(n, n, ldvr));
      touch(call, "info", info, 1);
      *info = decompose_general(right, int(n), matrix, int(lda), values, vectors, int(ldvr));
    });
  });
}

}  // extern "C"
