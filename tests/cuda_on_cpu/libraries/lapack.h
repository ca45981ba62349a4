// The BLAS and LAPACK of SciPy, by one name for the four types.
//
// LAPACK_NAME is given by the build: SciPy's own OpenBLAS puts a prefix before the usual names.
#pragma once

#include "common.h"

#define FOR_REAL(USE) USE(s, float, float, or) USE(d, double, double, or)
#define FOR_COMPLEX(USE) USE(c, complex64, float, un) USE(z, complex128, double, un)
#define FOR_EACH(USE) FOR_REAL(USE) FOR_COMPLEX(USE)

namespace cuda_on_cpu::lapack {

#define DECLARE(p, T, R, o)                                                                       \
  extern "C" {                                                                                    \
  void LAPACK_NAME(p##gemm)(const char *, const char *, const int *, const int *, const int *,    \
                            const T *, const T *, const int *, const T *, const int *, const T *, \
                            T *, const int *, size_t, size_t);                                    \
  void LAPACK_NAME(p##trsm)(const char *, const char *, const char *, const char *, const int *,  \
                            const int *, const T *, const T *, const int *, T *, const int *,     \
                            size_t, size_t, size_t, size_t);                                      \
  void LAPACK_NAME(p##getrf)(const int *, const int *, T *, const int *, int *, int *);           \
  void LAPACK_NAME(p##getri)(const int *, T *, const int *, const int *, T *, const int *, int *); \
  void LAPACK_NAME(p##getrs)(const char *, const int *, const int *, const T *, const int *,      \
                             const int *, T *, const int *, int *, size_t);                       \
  void LAPACK_NAME(p##potrf)(const char *, const int *, T *, const int *, int *, size_t);         \
  void LAPACK_NAME(p##potrs)(const char *, const int *, const int *, const T *, const int *, T *, \
                             const int *, int *, size_t);                                         \
  void LAPACK_NAME(p##geqrfp)(const int *, const int *, T *, const int *, T *, T *, const int *,  \
                              int *);                                                             \
  void LAPACK_NAME(p##o##gqr)(const int *, const int *, const int *, T *, const int *, const T *, \
                              T *, const int *, int *);                                           \
  void LAPACK_NAME(p##o##mqr)(const char *, const char *, const int *, const int *, const int *,  \
                              const T *, const int *, const T *, T *, const int *, T *,           \
                              const int *, int *, size_t, size_t);                                \
  }                                                                                               \
  inline void gemm(char ta, char tb, int m, int n, int k, T alpha, const T *a, int lda,           \
                   const T *b, int ldb, T beta, T *c, int ldc) {                                  \
    LAPACK_NAME(p##gemm)(&ta, &tb, &m, &n, &k, &alpha, a, &lda, b, &ldb, &beta, c, &ldc, 1, 1);   \
  }                                                                                               \
  inline void trsm(char side, char uplo, char trans, char diag, int m, int n, T alpha,            \
                   const T *a, int lda, T *b, int ldb) {                                          \
    LAPACK_NAME(p##trsm)(&side, &uplo, &trans, &diag, &m, &n, &alpha, a, &lda, b, &ldb, 1, 1, 1,  \
                         1);                                                                      \
  }                                                                                               \
  inline int getrf(int m, int n, T *a, int lda, int *pivots) {                                    \
    int info = 0;                                                                                 \
    LAPACK_NAME(p##getrf)(&m, &n, a, &lda, pivots, &info);                                        \
    return info;                                                                                  \
  }                                                                                               \
  inline int getri(int n, T *a, int lda, const int *pivots) {                                     \
    int info = 0, size = 64 * n + 64;                                                             \
    std::vector<T> work(size);                                                                    \
    LAPACK_NAME(p##getri)(&n, a, &lda, pivots, work.data(), &size, &info);                        \
    return info;                                                                                  \
  }                                                                                               \
  inline int getrs(char trans, int n, int count, const T *a, int lda, const int *pivots, T *b,    \
                   int ldb) {                                                                     \
    int info = 0;                                                                                 \
    LAPACK_NAME(p##getrs)(&trans, &n, &count, a, &lda, pivots, b, &ldb, &info, 1);                \
    return info;                                                                                  \
  }                                                                                               \
  inline int potrf(char uplo, int n, T *a, int lda) {                                             \
    int info = 0;                                                                                 \
    LAPACK_NAME(p##potrf)(&uplo, &n, a, &lda, &info, 1);                                          \
    return info;                                                                                  \
  }                                                                                               \
  inline int potrs(char uplo, int n, int count, const T *a, int lda, T *b, int ldb) {             \
    int info = 0;                                                                                 \
    LAPACK_NAME(p##potrs)(&uplo, &n, &count, a, &lda, b, &ldb, &info, 1);                         \
    return info;                                                                                  \
  }                                                                                               \
  inline int geqrf(int m, int n, T *a, int lda, T *tau) {                                         \
    int info = 0, size = 64 * (m + n) + 64;                                                       \
    std::vector<T> work(size);                                                                    \
    LAPACK_NAME(p##geqrfp)(&m, &n, a, &lda, tau, work.data(), &size, &info);                      \
    return info;                                                                                  \
  }                                                                                               \
  inline int orgqr(int m, int n, int k, T *a, int lda, const T *tau) {                            \
    int info = 0, size = 64 * (m + n) + 64;                                                       \
    std::vector<T> work(size);                                                                    \
    LAPACK_NAME(p##o##gqr)(&m, &n, &k, a, &lda, tau, work.data(), &size, &info);                  \
    return info;                                                                                  \
  }                                                                                               \
  inline int ormqr(char side, char trans, int m, int n, int k, const T *a, int lda, const T *tau, \
                   T *c, int ldc) {                                                               \
    int info = 0, size = 64 * (m + n) + 8192;                                                     \
    std::vector<T> work(size);                                                                    \
    LAPACK_NAME(p##o##mqr)(&side, &trans, &m, &n, &k, a, &lda, tau, c, &ldc, work.data(), &size,  \
                           &info, 1, 1);                                                          \
    return info;                                                                                  \
  }
FOR_EACH(DECLARE)
#undef DECLARE

#define DECLARE(p, T, R, o)                                                                       \
  extern "C" {                                                                                    \
  void LAPACK_NAME(p##gesvd)(const char *, const char *, const int *, const int *, T *,           \
                             const int *, R *, T *, const int *, T *, const int *, T *,           \
                             const int *, int *, size_t, size_t);                                 \
  void LAPACK_NAME(p##syevd)(const char *, const char *, const int *, T *, const int *, R *, T *, \
                             const int *, int *, const int *, int *, size_t, size_t);             \
  void LAPACK_NAME(p##geev)(const char *, const char *, const int *, T *, const int *, T *, T *,  \
                            T *, const int *, T *, const int *, T *, const int *, int *, size_t,  \
                            size_t);                                                              \
  }                                                                                               \
  inline int gesvd(char u_job, char vt_job, int m, int n, T *a, int lda, R *s, T *u, int ldu,     \
                   T *vt, int ldvt) {                                                             \
    int info = 0, size = 64 * (m + n) + 64;                                                       \
    std::vector<T> work(size);                                                                    \
    LAPACK_NAME(p##gesvd)(&u_job, &vt_job, &m, &n, a, &lda, s, u, &ldu, vt, &ldvt, work.data(),   \
                          &size, &info, 1, 1);                                                    \
    return info;                                                                                  \
  }                                                                                               \
  inline int syevd(char job, char uplo, int n, T *a, int lda, R *w) {                             \
    int info = 0, size = 2 * n * n + 70 * n + 64, whole_size = 5 * n + 64;                        \
    std::vector<T> work(size);                                                                    \
    std::vector<int> whole(whole_size);                                                           \
    LAPACK_NAME(p##syevd)(&job, &uplo, &n, a, &lda, w, work.data(), &size, whole.data(),          \
                          &whole_size, &info, 1, 1);                                              \
    return info;                                                                                  \
  }                                                                                               \
  /* The eigenvalues as complex numbers; the vectors as LAPACK keeps them: of a pair, the real    \
     and the imaginary part. */                                                                   \
  inline int geev(char job, int n, T *a, int lda, std::complex<R> *w, T *v, int ldv) {            \
    int info = 0, size = 64 * n + 64, one = 1;                                                    \
    std::vector<T> work(size), real(n), imag(n);                                                  \
    LAPACK_NAME(p##geev)("N", &job, &n, a, &lda, real.data(), imag.data(), nullptr, &one, v,      \
                         &ldv, work.data(), &size, &info, 1, 1);                                  \
    for (int i = 0; i < n; ++i) w[i] = {real[i], imag[i]};                                        \
    return info;                                                                                  \
  }
FOR_REAL(DECLARE)
#undef DECLARE

#define DECLARE(p, T, R, o)                                                                       \
  extern "C" {                                                                                    \
  void LAPACK_NAME(p##gesvd)(const char *, const char *, const int *, const int *, T *,           \
                             const int *, R *, T *, const int *, T *, const int *, T *,           \
                             const int *, R *, int *, size_t, size_t);                            \
  void LAPACK_NAME(p##heevd)(const char *, const char *, const int *, T *, const int *, R *, T *, \
                             const int *, R *, const int *, int *, const int *, int *, size_t,    \
                             size_t);                                                             \
  void LAPACK_NAME(p##geev)(const char *, const char *, const int *, T *, const int *, T *, T *,  \
                            const int *, T *, const int *, T *, const int *, R *, int *, size_t,  \
                            size_t);                                                              \
  }                                                                                               \
  inline int gesvd(char u_job, char vt_job, int m, int n, T *a, int lda, R *s, T *u, int ldu,     \
                   T *vt, int ldvt) {                                                             \
    int info = 0, size = 64 * (m + n) + 64;                                                       \
    std::vector<T> work(size);                                                                    \
    std::vector<R> real(5 * (m + n) + 1);                                                         \
    LAPACK_NAME(p##gesvd)(&u_job, &vt_job, &m, &n, a, &lda, s, u, &ldu, vt, &ldvt, work.data(),   \
                          &size, real.data(), &info, 1, 1);                                       \
    return info;                                                                                  \
  }                                                                                               \
  inline int syevd(char job, char uplo, int n, T *a, int lda, R *w) {                             \
    int info = 0, size = n * n + 70 * n + 64, whole_size = 5 * n + 64;                            \
    int real_size = 2 * n * n + 5 * n + 64;                                                       \
    std::vector<T> work(size);                                                                    \
    std::vector<R> real(real_size);                                                               \
    std::vector<int> whole(whole_size);                                                           \
    LAPACK_NAME(p##heevd)(&job, &uplo, &n, a, &lda, w, work.data(), &size, real.data(),           \
                          &real_size, whole.data(), &whole_size, &info, 1, 1);                    \
    return info;                                                                                  \
  }                                                                                               \
  inline int geev(char job, int n, T *a, int lda, T *w, T *v, int ldv) {                          \
    int info = 0, size = 64 * n + 64, one = 1;                                                    \
    std::vector<T> work(size);                                                                    \
    std::vector<R> real(2 * n + 1);                                                               \
    LAPACK_NAME(p##geev)("N", &job, &n, a, &lda, w, nullptr, &one, v, &ldv, work.data(), &size,   \
                         real.data(), &info, 1, 1);                                               \
    return info;                                                                                  \
  }
FOR_COMPLEX(DECLARE)
#undef DECLARE

}  // namespace cuda_on_cpu::lapack
