// Matrix products of all types, by the BLAS of the host.
//
// The numbers are those of a host: the order of the sums is another than on a GPU. What the types
// and modes do to the operands is what the documentation says: float16 and bfloat16 are summed in
// float32 unless the compute type is float16, and reduced precision rounds the operands first.
#include "products.h"

#include "lapack.h"

namespace cuda_on_cpu::cublas {

namespace {

template <typename T> T plain(T x) { return x; }
inline float plain(Bfloat16 x) { return float(x); }

template <typename To, typename From> To converted(From x) {
  if constexpr (is_complex<To> == is_complex<From>) return To(plain(x));
  else throw std::logic_error("a complex operand of a real product");
}

// Calls `use` with a pointer of the C++ type that `type` names.
template <typename Use> void typed(int type, const void *data, Use use) {
  void *at = const_cast<void *>(data);
  switch (type) {
    case R_32F: return use(static_cast<float *>(at));
    case R_64F: return use(static_cast<double *>(at));
    case R_16F: return use(static_cast<Half *>(at));
    case R_16BF: return use(static_cast<Bfloat16 *>(at));
    case R_8I: return use(static_cast<int8_t *>(at));
    case R_32I: return use(static_cast<int32_t *>(at));
    case C_32F: return use(static_cast<complex64 *>(at));
    case C_64F: return use(static_cast<complex128 *>(at));
  }
}

const void *matrix(const Product &p, const char *operand, const Matrices &all, int i, long rows,
                   long columns) {
  const auto *data = static_cast<const char *>(all.data);
  if (all.listed) {
    auto *list = static_cast<const char *const *>(all.data);
    touch(p.call, operand, list, size_t(p.count));
    data = list[i];
  } else {
    data += all.stride * i * (long long)size_of(all.type);
  }
  const size_t size = size_of(all.type);
  touch(p.call, operand, data, span(rows, columns, all.leading) * size, size);
  return data;
}

// A matrix as numbers of the sum's type: the caller's own memory where it is that already.
template <typename Sum> class Loaded {
 public:
  Loaded(const Matrices &from, const void *data, long rows, long columns, Precision precision,
         bool read = true) {
    typed(from.type, data, [&](auto *at) {
      using T = std::remove_pointer_t<decltype(at)>;
      if constexpr (std::is_same_v<T, Sum>) {
        if (precision == Precision::FULL) {
          numbers = at;
          leading = int(from.leading);
          return;
        }
      }
      leading = int(std::max(rows, 1L));
      copy_.resize(size_t(std::max(rows * columns, 1L)));
      for (long j = 0; j < columns && read; ++j)
        for (long i = 0; i < rows; ++i)
          copy_[size_t(i + j * rows)] =
              rounded(converted<Sum>(at[i + j * from.leading]), precision);
      numbers = copy_.data();
    });
  }
  Sum *numbers = nullptr;
  int leading = 1;

 private:
  std::vector<Sum> copy_;
};

// Sums that no BLAS has: each partial sum is rounded to the type.
template <typename Sum>
void by_hand(bool ta, bool tb, int m, int n, int k, Sum alpha, const Sum *a, int lda, const Sum *b,
             int ldb, Sum beta, Sum *c, int ldc) {
  for (long j = 0; j < n; ++j)
    for (long i = 0; i < m; ++i) {
      Sum sum = 0;
      for (long l = 0; l < k; ++l)
        sum = Sum(sum + Sum(a[ta ? l + i * lda : i + l * lda] * b[tb ? j + l * ldb : l + j * ldb]));
      Sum &result = c[i + j * ldc];
      result = Sum(Sum(alpha * sum) + (beta == Sum(0) ? Sum(0) : Sum(beta * result)));
    }
}

template <typename Sum> void multiply_in(const Product &p, Sum alpha, Sum beta) {
  const bool ta = p.trans_a, tb = p.trans_b;
  const long rows_a = ta ? p.k : p.m, columns_a = ta ? p.m : p.k;
  const long rows_b = tb ? p.n : p.k, columns_b = tb ? p.k : p.n;
  if (p.count > 1 && !p.c.listed && !p.c.stride)
    throw std::runtime_error(std::string(p.call) + ": all products go to the same place");
  for (int i = 0; i < p.count; ++i) {
    const void *a = matrix(p, "A", p.a, i, rows_a, columns_a);
    const void *b = matrix(p, "B", p.b, i, rows_b, columns_b);
    const void *c = matrix(p, "C", p.c, i, p.m, p.n);
    if (p.k && (c == a || c == b))
      throw std::runtime_error(std::string(p.call) + ": C is one of the operands");
    Loaded<Sum> left(p.a, a, rows_a, columns_a, p.precision);
    Loaded<Sum> right(p.b, b, rows_b, columns_b, p.precision);
    Loaded<Sum> result(p.c, c, p.m, p.n, Precision::FULL, beta != Sum(0));
    if constexpr (std::is_same_v<Sum, Half> || std::is_same_v<Sum, int32_t>)
      by_hand<Sum>(ta, tb, int(p.m), int(p.n), int(p.k), alpha, left.numbers, left.leading,
                   right.numbers, right.leading, beta, result.numbers, result.leading);
    else
      lapack::gemm(OPERATIONS[p.trans_a], OPERATIONS[p.trans_b], int(p.m), int(p.n), int(p.k),
                   alpha, left.numbers, left.leading, right.numbers, right.leading, beta,
                   result.numbers, result.leading);
    typed(p.c.type, c, [&](auto *at) {
      using T = std::remove_pointer_t<decltype(at)>;
      if (static_cast<void *>(at) == result.numbers) return;
      if constexpr (is_complex<T> == is_complex<Sum>)
        for (long j = 0; j < p.n; ++j)
          for (long r = 0; r < p.m; ++r)
            at[r + j * p.c.leading] = T(result.numbers[r + j * result.leading]);
    });
  }
}

template <typename Sum> void multiply_by(const Product &p, const void *alpha, const void *beta) {
  multiply_in<Sum>(p, *static_cast<const Sum *>(alpha), *static_cast<const Sum *>(beta));
}

}  // namespace

size_t size_of(int type) {
  switch (type) {
    case R_8I: return 1;
    case R_16F: case R_16BF: return 2;
    case R_32F: case R_32I: return 4;
    case R_64F: case C_32F: return 8;
    case C_64F: return 16;
  }
  return 0;
}

bool is_supported(int compute, int a, int b, int c) {
  if (a != b) return false;
  switch (compute) {
    case COMPUTE_16F: case COMPUTE_16F_PEDANTIC: return a == R_16F && c == R_16F;
    case COMPUTE_32I: case COMPUTE_32I_PEDANTIC: return a == R_8I && c == R_32I;
    case COMPUTE_64F: case COMPUTE_64F_PEDANTIC: return (a == R_64F || a == C_64F) && c == a;
    case COMPUTE_32F: case COMPUTE_32F_PEDANTIC:
      if (a == R_16F || a == R_16BF) return c == a || c == R_32F;
      if (a == R_8I) return c == R_32F;
      return (a == R_32F || a == C_32F) && c == a;
    case COMPUTE_32F_FAST_16F: case COMPUTE_32F_FAST_16BF: case COMPUTE_32F_FAST_TF32:
      return (a == R_32F || a == C_32F) && c == a;
  }
  return false;
}

const char *mistake(const Product &p) {
  if (p.trans_a < 0 || p.trans_a > 2 || p.trans_b < 0 || p.trans_b > 2)
    return "an operation is none of N, T, C";
  if (p.m < 0 || p.n < 0 || p.k < 0 || p.count < 0) return "m, n, k or the count is negative";
  if (p.a.leading < std::max(1L, p.trans_a ? p.k : p.m)) return "lda is less than A's rows";
  if (p.b.leading < std::max(1L, p.trans_b ? p.n : p.k)) return "ldb is less than B's rows";
  if (p.c.leading < std::max(1L, p.m)) return "ldc is less than m";
  return nullptr;
}

Precision precision_of(int compute, int math) {
  switch (compute) {
    case COMPUTE_32F_FAST_TF32: return Precision::TF32;
    case COMPUTE_32F_FAST_16F: return Precision::HALF;
    case COMPUTE_32F_FAST_16BF: return Precision::BFLOAT16;
    case COMPUTE_32F:
      if ((math & 15) == TF32_MATH) return Precision::TF32;
      if ((math & 15) == TENSOR_OP_MATH) return Precision::HALF;
  }
  return Precision::FULL;
}

int scalar_type(int compute, int c) {
  switch (compute) {
    case COMPUTE_16F: case COMPUTE_16F_PEDANTIC: return R_16F;
    case COMPUTE_32I: case COMPUTE_32I_PEDANTIC: return R_32I;
    case COMPUTE_64F: case COMPUTE_64F_PEDANTIC: return c == C_64F ? C_64F : R_64F;
  }
  return c == C_32F ? C_32F : R_32F;
}

void multiply(const Product &p, const void *alpha, const void *beta) {
  switch (scalar_type(p.compute, p.c.type)) {
    case R_16F: return multiply_by<Half>(p, alpha, beta);
    case R_32I: return multiply_by<int32_t>(p, alpha, beta);
    case R_32F: return multiply_by<float>(p, alpha, beta);
    case R_64F: return multiply_by<double>(p, alpha, beta);
    case C_32F: return multiply_by<complex64>(p, alpha, beta);
    case C_64F: return multiply_by<complex128>(p, alpha, beta);
  }
}

}  // namespace cuda_on_cpu::cublas
