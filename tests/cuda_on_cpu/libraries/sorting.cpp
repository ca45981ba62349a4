// What CuPy's sorts ask of Thrust: stable sorts of rows on the host, in the order of the stream.
//
// NaN comes last; complex numbers are ordered by their real parts first, as NumPy does.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "common.h"
#include "numbers.h"

using namespace cuda_on_cpu;

namespace {

constexpr int INVALID_VALUE = 1;  // cudaErrorInvalidValue

template <typename T> bool less(const T &a, const T &b) {
  if constexpr (is_complex<T>) {
    const bool real_a = !std::isnan(a.real()), real_b = !std::isnan(b.real());
    const int rank_a = 2 * !real_a + std::isnan(a.imag());
    const int rank_b = 2 * !real_b + std::isnan(b.imag());
    if (rank_a != rank_b) return rank_a < rank_b;
    if (real_a && (rank_a || a.real() != b.real())) return a.real() < b.real();
    return a.imag() < b.imag();
  } else if constexpr (std::is_integral_v<T>) {
    return a < b;
  } else {
    return b != b ? a == a : a < b;
  }
}

// Orders the numbers in `places` by what `keys` holds there.
template <typename T> void order(const T *keys, int64_t *places, size_t n) {
  std::stable_sort(places, places + n,
                   [=](int64_t i, int64_t j) { return less(keys[i], keys[j]); });
}

// Calls `use` with a null pointer to the type of a NumPy character, or says that there is none.
template <typename Use> int typed(char kind, Use use) {
  switch (kind) {
    case '?': return use(static_cast<bool *>(nullptr));
    case 'b': return use(static_cast<int8_t *>(nullptr));
    case 'B': return use(static_cast<uint8_t *>(nullptr));
    case 'h': return use(static_cast<int16_t *>(nullptr));
    case 'H': return use(static_cast<uint16_t *>(nullptr));
    case 'i': return use(static_cast<int32_t *>(nullptr));
    case 'I': return use(static_cast<uint32_t *>(nullptr));
    case 'l': case 'q': return use(static_cast<int64_t *>(nullptr));
    case 'L': case 'Q': return use(static_cast<uint64_t *>(nullptr));
    case 'e': return use(static_cast<Half *>(nullptr));
    case 'f': return use(static_cast<float *>(nullptr));
    case 'd': return use(static_cast<double *>(nullptr));
    case 'F': return use(static_cast<complex64 *>(nullptr));
    case 'D': return use(static_cast<complex128 *>(nullptr));
  }
  return refuse("sort", INVALID_VALUE, std::string("no such type of elements: ") + kind);
}

}  // namespace

// Each returns a cudaError_t. Rows lie one after the other.
extern "C" {

int cuda_on_cpu_sort(char kind, void *data, size_t rows, size_t columns, void *stream) {
  return typed(kind, [=](auto *like) {
    using T = std::remove_pointer_t<decltype(like)>;
    T *const all = static_cast<T *>(data);
    return queue_on(stream, "sort", [=] {
      touch("sort", "the data", all, rows * columns);
      for (size_t i = 0; i < rows; ++i)
        std::stable_sort(all + i * columns, all + (i + 1) * columns, less<T>);
    });
  });
}

// Gives the places of the elements within their rows in order, and sorts the data, as Thrust does.
int cuda_on_cpu_argsort(char kind, int64_t *places, void *data, size_t rows, size_t columns,
                        void *stream) {
  return typed(kind, [=](auto *like) {
    using T = std::remove_pointer_t<decltype(like)>;
    T *const all = static_cast<T *>(data);
    return queue_on(stream, "argsort", [=] {
      touch("argsort", "the data", all, rows * columns);
      touch("argsort", "the places", places, rows * columns);
      for (size_t i = 0; i < rows; ++i) {
        T *const row = all + i * columns;
        int64_t *const found = places + i * columns;
        std::iota(found, found + columns, 0);
        order(row, found, columns);
        std::stable_sort(row, row + columns, less<T>);
      }
    });
  });
}

// Of k rows of keys the last decides first.
int cuda_on_cpu_lexsort(char kind, int64_t *places, const void *keys, size_t k, size_t n,
                        void *stream) {
  return typed(kind, [=](auto *like) {
    using T = std::remove_pointer_t<decltype(like)>;
    const T *const all = static_cast<const T *>(keys);
    return queue_on(stream, "lexsort", [=] {
      touch("lexsort", "the keys", all, k * n);
      touch("lexsort", "the places", places, n);
      std::iota(places, places + n, 0);
      for (size_t i = 0; i < k; ++i) order(all + i * n, places, n);
    });
  });
}

}  // extern "C"
