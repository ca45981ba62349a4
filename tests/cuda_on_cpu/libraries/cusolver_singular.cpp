// cuSOLVER: singular values.
#include "cusolver.h"
#include "lapack.h"

using namespace cuda_on_cpu;
using namespace cuda_on_cpu::cusolver;

namespace {

constexpr int LARGEST_IN_BATCH = 32;

// LAPACK's decomposition with other signs or phases: those of a pair of vectors cancel.
template <typename T>
int decompose(char u_job, char vt_job, int m, int n, T *a, int lda, Real<T> *s, T *u, int ldu,
              T *vt, int ldvt) {
  T none;
  const int info = lapack::gesvd(u_job, vt_job, m, n, a, lda, s, u ? u : &none, std::max(ldu, 1),
                                 vt ? vt : &none, std::max(ldvt, 1));
  const long rank = std::min(m, n);
  if (u_job != 'N') {
    T *const columns = u_job == 'O' ? a : u;
    const long step = u_job == 'O' ? lda : ldu, count = u_job == 'A' ? m : rank;
    for (long j = 0; j < count; ++j) turn_column(columns + j * step, m, turn<T>(j));
  }
  if (vt_job != 'N') {
    T *const rows = vt_job == 'O' ? a : vt;
    const long step = vt_job == 'O' ? lda : ldvt, count = vt_job == 'A' ? n : rank;
    for (long i = 0; i < count; ++i)
      for (long j = 0; j < n; ++j) rows[i + j * step] *= conjugate(turn<T>(i));
  }
  return info;
}

// The same with V instead of its adjoint, which is what the methods by rotations give.
template <typename T>
int decompose_to_v(bool vectors, bool reduced, int m, int n, T *a, int lda, Real<T> *s, T *u,
                   int ldu, T *v, int ldv) {
  const char job = !vectors ? 'N' : reduced ? 'S' : 'A';
  const long rows = reduced ? std::min(m, n) : n;
  std::vector<T> vt(size_t(rows * n));
  const int info = decompose(job, job, m, n, a, lda, s, u, ldu, vt.data(), int(rows));
  for (long i = 0; i < rows && vectors; ++i)
    for (long j = 0; j < n; ++j) v[j + i * ldv] = conjugate(vt[size_t(i + j * rows)]);
  return info;
}

bool is_job(int job) { return job == 'A' || job == 'S' || job == 'O' || job == 'N'; }

}  // namespace

#define CHECK_BY_ROTATIONS                                                                        \
  CUSOLVER_HANDLE(handle);                                                                        \
  CUSOLVER_WANTS(vectors == 0 || vectors == 1);                                                   \
  CUSOLVER_WANTS(m >= 0 && n >= 0);                                                               \
  CUSOLVER_WANTS(lda >= std::max(1, m));                                                          \
  CUSOLVER_WANTS(!vectors || (ldu >= std::max(1, m) && ldv >= std::max(1, n)));                   \
  CUSOLVER_WANTS(find_jacobi(settings))

#define CHECK_BATCH                                                                               \
  CHECK_BY_ROTATIONS;                                                                             \
  CUSOLVER_WANTS(m <= LARGEST_IN_BATCH && n <= LARGEST_IN_BATCH);                                 \
  CUSOLVER_WANTS(count >= 0)

extern "C" {

#define EACH_TYPE(P, T)                                                                           \
  int cusolverDn##P##gesvd_bufferSize(void *handle, int m, int n, int *size) {                    \
    CUSOLVER_HANDLE(handle);                                                                      \
    CUSOLVER_WANTS(m >= 0 && n >= 0);                                                             \
    CUSOLVER_WANTS(m >= n);                                                                       \
    CUSOLVER_WANTS(size);                                                                         \
    *size = workspace_of(m, n);                                                                   \
    return SUCCESS;                                                                               \
  }                                                                                               \
  int cusolverDn##P##gesvd(void *handle, signed char u_job, signed char vt_job, int m, int n,     \
                           T *a, int lda, Real<T> *s, T *u, int ldu, T *vt, int ldvt, T *space,   \
                           int size, Real<T> *, int *info) {                                      \
    CUSOLVER_HANDLE(handle);                                                                      \
    CUSOLVER_WANTS(is_job(u_job) && is_job(vt_job) && !(u_job == 'O' && vt_job == 'O'));          \
    CUSOLVER_WANTS(m >= 0 && n >= 0);                                                             \
    CUSOLVER_WANTS(m >= n);                                                                       \
    CUSOLVER_WANTS(lda >= std::max(1, m));                                                        \
    CUSOLVER_WANTS(u_job == 'N' || u_job == 'O' || ldu >= std::max(1, m));                        \
    CUSOLVER_WANTS(vt_job == 'N' || vt_job == 'O' || ldvt >= std::max(1, n));                     \
    CUSOLVER_WANTS(size >= workspace_of(m, n));                                                   \
    return queue(h, __func__, [=, call = __func__] {                                              \
      spoil(call, space, size_t(size) * sizeof(T));                                               \
      touch(call, "A", a, span(m, n, lda));                                                       \
      touch(call, "S", s, size_t(n));                                                             \
      if (u_job == 'A' || u_job == 'S') touch(call, "U", u, span(m, u_job == 'A' ? m : n, ldu));  \
      if (vt_job == 'A' || vt_job == 'S') touch(call, "VT", vt, span(n, n, ldvt));                \
      touch(call, "info", info, 1);                                                               \
      *info = decompose(char(u_job), char(vt_job), m, n, a, lda, s, u, ldu, vt, ldvt);            \
    });                                                                                           \
  }                                                                                               \
  int cusolverDn##P##gesvdj_bufferSize(void *handle, int vectors, int, int m, int n, const T *,   \
                                       int lda, const Real<T> *, const T *, int ldu, const T *,   \
                                       int ldv, int *size, void *settings) {                      \
    CHECK_BY_ROTATIONS;                                                                           \
    CUSOLVER_WANTS(size);                                                                         \
    *size = workspace_of(m, n);                                                                   \
    return SUCCESS;                                                                               \
  }                                                                                               \
  int cusolverDn##P##gesvdj(void *handle, int vectors, int reduced, int m, int n, T *a, int lda,  \
                            Real<T> *s, T *u, int ldu, T *v, int ldv, T *space, int size,         \
                            int *info, void *settings) {                                          \
    CHECK_BY_ROTATIONS;                                                                           \
    CUSOLVER_WANTS(reduced == 0 || reduced == 1);                                                 \
    CUSOLVER_WANTS(size >= workspace_of(m, n));                                                   \
    return queue(h, __func__, [=, call = __func__] {                                              \
      const int rank = std::min(m, n);                                                            \
      spoil(call, space, size_t(size) * sizeof(T));                                               \
      touch(call, "A", a, span(m, n, lda));                                                       \
      touch(call, "S", s, size_t(rank));                                                          \
      if (vectors) touch(call, "U", u, span(m, reduced ? rank : m, ldu));                         \
      if (vectors) touch(call, "V", v, span(n, reduced ? rank : n, ldv));                         \
      touch(call, "info", info, 1);                                                               \
      *info = decompose_to_v(vectors, reduced, m, n, a, lda, s, u, ldu, v, ldv);                  \
    });                                                                                           \
  }                                                                                               \
  int cusolverDn##P##gesvdjBatched_bufferSize(void *handle, int vectors, int m, int n, const T *, \
                                              int lda, const Real<T> *, const T *, int ldu,       \
                                              const T *, int ldv, int *size, void *settings,      \
                                              int count) {                                        \
    CHECK_BATCH;                                                                                  \
    CUSOLVER_WANTS(size);                                                                         \
    *size = workspace_of(m, n) * std::max(count, 1);                                              \
    return SUCCESS;                                                                               \
  }                                                                                               \
  int cusolverDn##P##gesvdjBatched(void *handle, int vectors, int m, int n, T *a, int lda,        \
                                   Real<T> *s, T *u, int ldu, T *v, int ldv, T *space, int size,  \
                                   int *info, void *settings, int count) {                        \
    CHECK_BATCH;                                                                                  \
    CUSOLVER_WANTS(size >= workspace_of(m, n) * count);                                           \
    return queue(h, __func__, [=, call = __func__] {                                              \
      const long rank = std::min(m, n), all = count;                                              \
      spoil(call, space, size_t(size) * sizeof(T));                                               \
      touch(call, "A", a, size_t(all * n * lda));                                                 \
      touch(call, "S", s, size_t(all * rank));                                                    \
      if (vectors) touch(call, "U", u, size_t(all * m * ldu));                                    \
      if (vectors) touch(call, "V", v, size_t(all * n * ldv));                                    \
      touch(call, "info", info, size_t(all));                                                     \
      for (long i = 0; i < all; ++i)                                                              \
        info[i] = decompose_to_v(vectors, false, m, n, a + i * n * lda, lda, s + i * rank,        \
                                 u + i * m * ldu, ldu, v + i * n * ldv, ldv);                     \
    });                                                                                           \
  }
EACH_TYPE(S, float) EACH_TYPE(D, double) EACH_TYPE(C, complex64) EACH_TYPE(Z, complex128)

}  // extern "C"
