// Additions at places that may repeat, in an order that is always the same.
//
// `places` are sorted, and `order` says which element of `x` goes to which of them. The thread that
// meets the first of several equal places adds up all of them.

namespace gpugrad {

template <typename T>
__device__ inline void add_sorted(const long long *places, const long long *order, const T *x, T *y,
                                  long long size) {
  const long long stride = gridDim.x * (long long)blockDim.x;
  for (long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x; i < size; i += stride) {
    const long long place = places[i];
    if (i > 0 && places[i - 1] == place) continue;
    T sum = y[place];
    for (long long j = i; j < size && places[j] == place; ++j) sum += x[order[j]];
    y[place] = sum;
  }
}

}  // namespace gpugrad
