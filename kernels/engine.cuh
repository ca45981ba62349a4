// What generated kernels call beside CUDA's own functions, and reductions over the threads of a team.
//
// Comparisons are written so that NaN goes where NumPy lets it go.

namespace gpugrad {

// The numbers that a launch gives a kernel, by value.
template <int N> struct Given { long long word[N]; };

// A number by which indices are divided, none of which is negative: those of 31 bits by a product
// and a shift, as a compiler does it with a number that it knows.
template <typename Index> struct Divisor {
  Index n;
  __device__ Divisor(long long n, long long) : n(Index(n)) {}
  __device__ Index quotient(Index i) const { return i / n; }
};
template <> struct Divisor<int> {
  int n;
  unsigned factor;
  int shift;
  __device__ Divisor(long long n, long long how)
      : n(int(n)), factor(unsigned(how)), shift(int(how >> 32)) {}
  __device__ int quotient(int i) const {
    const unsigned high = unsigned(static_cast<unsigned long long>(i) * factor >> 32);
    return int((high + unsigned(i)) >> shift);
  }
};
template <typename Index> __device__ inline Index operator/(Index i, const Divisor<Index> &by) {
  return by.quotient(i);
}
template <typename Index> __device__ inline Index operator%(Index i, const Divisor<Index> &by) {
  return i - by.quotient(i) * by.n;
}

// As NumPy for what is in range, and around for what is not: an index of so many places.
template <typename I> __device__ inline long long wrapped(I index, long long places) {
  if (index >= 0 && index < places) return index;
  return (index % places + places) % places;
}

struct Sixteen { unsigned long long low, high; };  // an element of 16 bytes, to be copied

// Four neighbouring elements, which one instruction reads or writes where they lie as they should;
// 16 bytes are the most that one does.
template <typename T> struct alignas(sizeof(T) < 4 ? 4 * sizeof(T) : 16) Pack {
  T at[4];
};

template <typename P, typename T> __device__ inline bool fits(const T *place) {
  return reinterpret_cast<unsigned long long>(place) % alignof(P) == 0;
}

template <typename T> __device__ inline Pack<T> load(const T *place) {
  if (fits<Pack<T>>(place)) return *reinterpret_cast<const Pack<T> *>(place);
  return {place[0], place[1], place[2], place[3]};
}

template <typename T> __device__ inline void store(T *place, const Pack<T> &pack) {
  if (fits<Pack<T>>(place)) {
    *reinterpret_cast<Pack<T> *>(place) = pack;
  } else {
    for (int i = 0; i < 4; ++i) place[i] = pack.at[i];
  }
}

template <typename T> __device__ inline T nan() { return T(0); }  // an integer has none
template <> __device__ inline float nan() { return __int_as_float(0x7fc00000); }
template <> __device__ inline double nan() { return __longlong_as_double(0x7ff8000000000000); }
template <typename T> __device__ inline T infinity();
template <> __device__ inline float infinity() { return __int_as_float(0x7f800000); }
template <> __device__ inline double infinity() { return __longlong_as_double(0x7ff0000000000000); }

template <typename T> __device__ inline T ndtr(T x) { return ::normcdf(x); }

__device__ inline float abs(float x) { return ::fabsf(x); }
__device__ inline double abs(double x) { return ::fabs(x); }

__device__ inline bool isfinite(float x) { return x - x == 0; }
__device__ inline bool isfinite(double x) { return x - x == 0; }
template <typename T> __device__ inline bool isinf(T x) { return x == x && !isfinite(x); }

template <typename T> __device__ inline T gammaln(T x) {
  return isinf(x) ? x : ::lgamma(x);  // as SciPy: -inf at -inf
}

template <typename T> __device__ inline bool signbit(T x) { return ::copysign(T(1), x) < 0; }

template <typename T> __device__ inline T scale(T a, T d) {
  return a == 0 && !isfinite(d) ? T(0) : a * d;
}

// As NumPy: a shift by a negative number, or by more than there are bits, moves all of them out.
template <typename T> __device__ inline T left_shift(T x, T n) {
  return n >= 0 && n < T(8 * sizeof(T)) ? x << n : T(0);
}
template <typename T> __device__ inline T right_shift(T x, T n) {
  return x >> (n >= 0 && n < T(8 * sizeof(T)) ? n : T(8 * sizeof(T) - 1));
}

template <typename T> __device__ inline T sign(T x) {
  return x > T(0) ? T(1) : x < T(0) ? T(-1) : x == x ? T(0) : x;
}

template <typename T> __device__ inline T sigmoid(T x) {
  const T e = ::exp(x < T(0) ? x : -x);  // nothing overflows
  return (x < T(0) ? e : T(1)) / (T(1) + e);
}

template <typename T> __device__ inline T tanh_slope(T x) {
  const T small = ::exp(x < T(0) ? T(2) * x : T(-2) * x);  // nothing overflows
  const T both = T(1) + small;
  return T(4) * small / (both * both);
}

__device__ inline float power(float a, float b) { return ::pow(a, b); }
__device__ inline double power(double a, double b) { return ::pow(a, b); }
template <typename T> __device__ inline T power(T a, T b) {
  T result = 1;
  for (; b > 0; b >>= 1, a *= a) {
    if (b & 1) result *= a;
  }
  return result;
}

// As NumPy on x86: what no integer of the type holds is the smallest one.
template <typename I, typename F> __device__ inline I to_integer(F x) {
  const F limit = F(1ull << (8 * sizeof(I) - 1));
  return x >= -limit && x < limit ? static_cast<I>(x) : static_cast<I>(1ull << (8 * sizeof(I) - 1));
}

// The values of a team of TEAM neighbouring threads joined by J::join, in a fixed order, in all of
// them. A team is a warp or a whole block. Every thread of the block must call it. CUDA exchanges a
// boolean as an int.
template <typename J, int TEAM, typename T> __device__ inline T join_team(T value) {
  for (int step = 16; step > 0; step /= 2) {
    value = J::join(value, static_cast<T>(__shfl_xor_sync(0xffffffffu, value, step)));
  }
  if (TEAM > 32) {
    __shared__ T parts[32];
    const int warp = threadIdx.x / 32;
    if (threadIdx.x % 32 == 0) parts[warp] = value;
    __syncthreads();
    value = parts[0];
    for (int i = 1; i < TEAM / 32; ++i) value = J::join(value, parts[i]);
    __syncthreads();  // before the next one writes there
  }
  return value;
}

// The sums over the warps of a block of what the threads with the same place in them have: known to
// the first warp. Every thread of the block must call it.
template <int WARPS, typename T> __device__ inline T join_warps(T value) {
  __shared__ T parts[WARPS * 32];
  parts[threadIdx.x] = value;
  __syncthreads();
  if (threadIdx.x < 32) {
    for (int i = 1; i < WARPS; ++i) value += parts[i * 32 + threadIdx.x];
  }
  __syncthreads();  // before the next one writes there
  return value;
}

// Whether a, at place i, comes before b, at place j: of equal ones, and of NaN, the first one does.
template <bool LARGEST, typename T>
__device__ inline bool comes_before(T a, long long i, T b, long long j) {
  if (a != a || b != b) return a != a && (b == b || i < j);
  return LARGEST ? a > b || (a == b && i < j) : a < b || (a == b && i < j);
}

// The place of the first largest, or smallest, of n elements that lie `stride` from each other. A
// team is a warp or a whole block. Every thread of the block must call it.
template <bool LARGEST, int TEAM, typename T>
__device__ inline long long join_places(const T *x, long long n, long long stride) {
  long long place = threadIdx.x % TEAM;
  if (place >= n) place = 0;
  T value = x[place * stride];
  const auto take = [&](T other, long long where) {
    if (!comes_before<LARGEST>(other, where, value, place)) return;
    value = other;
    place = where;
  };
  for (long long k = place + TEAM; k < n; k += TEAM) take(x[k * stride], k);
  for (int step = 16; step > 0; step /= 2) {
    const T other = static_cast<T>(__shfl_xor_sync(0xffffffffu, value, step));
    take(other, __shfl_xor_sync(0xffffffffu, place, step));
  }
  if (TEAM > 32) {
    __shared__ T values[32];
    __shared__ long long places[32];
    const int warp = threadIdx.x / 32;
    if (threadIdx.x % 32 == 0) {
      values[warp] = value;
      places[warp] = place;
    }
    __syncthreads();
    for (int i = 0; i < TEAM / 32; ++i) take(values[i], places[i]);
    __syncthreads();  // before the next ones are written there
  }
  return place;
}

}  // namespace gpugrad
