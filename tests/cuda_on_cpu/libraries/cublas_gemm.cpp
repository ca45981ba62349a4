// cuBLAS: the entry points of matrix products.
#include <array>

#include "products.h"

using namespace cuda_on_cpu;
using namespace cuda_on_cpu::cublas;

namespace {

using Bytes = std::array<char, sizeof(complex128)>;

// Alpha or beta: its bytes now, or where they are when the work runs.
struct AnyScalar {
  AnyScalar(const Handle *h, const void *at, size_t size) : size(size) {
    if (h->on_device) device = at;
    else std::memcpy(bytes.data(), at, size);
  }
  const void *operator()(const char *call) const {
    if (device) touch(call, "a scalar in device mode", device, size, size);
    return device ? device : bytes.data();
  }
  size_t size;
  const void *device = nullptr;
  alignas(complex128) Bytes bytes = {};
};

int queue_product(void *handle, const Product &product, const void *alpha, const void *beta) {
  Handle *const h = find(handle);
  if (!h) return refuse(product.call, NOT_INITIALIZED, "no handle");
  if (const char *text = mistake(product)) return refuse(product.call, INVALID_VALUE, text);
  if (!is_supported(product.compute, product.a.type, product.b.type, product.c.type))
    return refuse(product.call, NOT_SUPPORTED,
                  "no product of types " + std::to_string(product.a.type) + ", " +
                      std::to_string(product.b.type) + " and " + std::to_string(product.c.type) +
                      " with compute type " + std::to_string(product.compute));
  const size_t size = size_of(scalar_type(product.compute, product.c.type));
  if (!is_where_said(h, alpha, size) || !is_where_said(h, beta, size))
    return refuse(product.call, INVALID_VALUE,
                  "alpha or beta is null, or not where the pointer mode says");
  if (!product.m || !product.n || !product.count) return SUCCESS;
  if (!product.c.data || (product.k && !(product.a.data && product.b.data)))
    return refuse(product.call, INVALID_VALUE, "a matrix is null");
  Product p = product;
  p.precision = precision_of(p.compute, h->math);
  AnyScalar by(h, alpha, size), with(h, beta, size);
  return queue(h, p.call, [=] { multiply(p, by(p.call), with(p.call)); });
}

}  // namespace

extern "C" {

#define PRODUCTS(P, T, TYPE, COMPUTE)                                                             \
  int cublas##P##gemm_v2(void *handle, int ta, int tb, int m, int n, int k, const T *alpha,       \
                         const T *a, int lda, const T *b, int ldb, const T *beta, T *c,           \
                         int ldc) {                                                               \
    return queue_product(handle, {__func__, ta, tb, m, n, k, {a, TYPE, lda}, {b, TYPE, ldb},      \
                                  {c, TYPE, ldc}, 1, COMPUTE}, alpha, beta);                      \
  }                                                                                               \
  int cublas##P##gemmBatched(void *handle, int ta, int tb, int m, int n, int k, const T *alpha,   \
                             const T *const *a, int lda, const T *const *b, int ldb,              \
                             const T *beta, T *const *c, int ldc, int count) {                    \
    return queue_product(handle, {__func__, ta, tb, m, n, k, {a, TYPE, lda, 0, true},             \
                                  {b, TYPE, ldb, 0, true}, {c, TYPE, ldc, 0, true}, count,        \
                                  COMPUTE}, alpha, beta);                                         \
  }                                                                                               \
  int cublas##P##gemmStridedBatched(void *handle, int ta, int tb, int m, int n, int k,            \
                                    const T *alpha, const T *a, int lda, long long a_stride,      \
                                    const T *b, int ldb, long long b_stride, const T *beta, T *c, \
                                    int ldc, long long c_stride, int count) {                     \
    return queue_product(handle, {__func__, ta, tb, m, n, k, {a, TYPE, lda, a_stride},            \
                                  {b, TYPE, ldb, b_stride}, {c, TYPE, ldc, c_stride}, count,      \
                                  COMPUTE}, alpha, beta);                                         \
  }
PRODUCTS(S, float, R_32F, COMPUTE_32F)
PRODUCTS(D, double, R_64F, COMPUTE_64F)
PRODUCTS(C, complex64, C_32F, COMPUTE_32F)
PRODUCTS(Z, complex128, C_64F, COMPUTE_64F)

int cublasSgemmEx(void *handle, int ta, int tb, int m, int n, int k, const float *alpha,
                  const void *a, int a_type, int lda, const void *b, int b_type, int ldb,
                  const float *beta, void *c, int c_type, int ldc) {
  return queue_product(handle, {__func__, ta, tb, m, n, k, {a, a_type, lda}, {b, b_type, ldb},
                                {c, c_type, ldc}, 1, COMPUTE_32F}, alpha, beta);
}

int cublasGemmEx(void *handle, int ta, int tb, int m, int n, int k, const void *alpha,
                 const void *a, int a_type, int lda, const void *b, int b_type, int ldb,
                 const void *beta, void *c, int c_type, int ldc, int compute, int) {
  return queue_product(handle, {__func__, ta, tb, m, n, k, {a, a_type, lda}, {b, b_type, ldb},
                                {c, c_type, ldc}, 1, compute}, alpha, beta);
}

int cublasGemmBatchedEx(void *handle, int ta, int tb, int m, int n, int k, const void *alpha,
                        const void *const *a, int a_type, int lda, const void *const *b,
                        int b_type, int ldb, const void *beta, void *const *c, int c_type,
                        int ldc, int count, int compute, int) {
  return queue_product(handle, {__func__, ta, tb, m, n, k, {a, a_type, lda, 0, true},
                                {b, b_type, ldb, 0, true}, {c, c_type, ldc, 0, true}, count,
                                compute}, alpha, beta);
}

int cublasGemmStridedBatchedEx(void *handle, int ta, int tb, int m, int n, int k,
                               const void *alpha, const void *a, int a_type, int lda,
                               long long a_stride, const void *b, int b_type, int ldb,
                               long long b_stride, const void *beta, void *c, int c_type, int ldc,
                               long long c_stride, int count, int compute, int) {
  return queue_product(handle, {__func__, ta, tb, m, n, k, {a, a_type, lda, a_stride},
                                {b, b_type, ldb, b_stride}, {c, c_type, ldc, c_stride}, count,
                                compute}, alpha, beta);
}

}  // extern "C"
