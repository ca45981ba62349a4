// One description for every matrix product of cuBLAS and cuBLASLt.
#pragma once

#include "cublas.h"
#include "numbers.h"

namespace cuda_on_cpu::cublas {

// cudaDataType
enum Type {
  R_32F = 0, R_64F = 1, R_16F = 2, R_8I = 3, C_32F = 4, C_64F = 5, R_32I = 10, R_16BF = 14,
};

// cublasComputeType_t
enum Compute {
  COMPUTE_16F = 64, COMPUTE_16F_PEDANTIC = 65,
  COMPUTE_32F = 68, COMPUTE_32F_PEDANTIC = 69,
  COMPUTE_64F = 70, COMPUTE_64F_PEDANTIC = 71,
  COMPUTE_32I = 72, COMPUTE_32I_PEDANTIC = 73,
  COMPUTE_32F_FAST_16F = 74, COMPUTE_32F_FAST_16BF = 75, COMPUTE_32F_FAST_TF32 = 77,
};

// The matrices of one operand: `stride` elements apart, or, if listed, `data` is an array of
// pointers in device memory.
struct Matrices {
  const void *data;
  int type;
  long leading;
  long long stride = 0;
  bool listed = false;
};

struct Product {
  const char *call;
  int trans_a, trans_b;
  long m, n, k;
  Matrices a, b, c;
  int count = 1;
  int compute;
  Precision precision = Precision::FULL;
};

size_t size_of(int type);

// Whether cuBLAS documents this combination of types.
bool is_supported(int compute, int a, int b, int c);

// What is wrong with shapes and leading dimensions, or nullptr.
const char *mistake(const Product &product);

// What a compute type and the mode of the handle make of the operands.
Precision precision_of(int compute, int math);

// The type of alpha and beta, as a cudaDataType.
int scalar_type(int compute, int c);

// To be used while the work runs: c = alpha a b + beta c. The scalars are of scalar_type.
void multiply(const Product &product, const void *alpha, const void *beta);

}  // namespace cuda_on_cpu::cublas
