// Cross entropy of the softmax of each row with a label, and the softmax, in one launch.
//
// A warp takes row after row. Nothing overflows; a label out of range gives NaN. Needs `engine.cuh`.

namespace gpugrad {

struct Sum {
  template <typename T> __device__ static T join(T a, T b) { return a + b; }
};
struct Max {  // NaN wins over every number
  template <typename T> __device__ static T join(T a, T b) { return a > b || a != a ? a : b; }
};

template <typename T>
__device__ inline void cross_entropy(const T *x, const long long *labels, T *losses, T *softmax,
                                     long long rows, long long columns) {
  const int lane = threadIdx.x % 32, each = blockDim.x / 32;
  const long long first = blockIdx.x * (long long)each + threadIdx.x / 32;
  for (long long r = first; r < rows; r += gridDim.x * (long long)each) {
    const T *row = x + r * columns;
    T largest = -infinity<T>(), total = 0;
    for (long long c = lane; c < columns; c += 32) largest = Max::join(largest, row[c]);
    largest = join_team<Max, 32>(largest);
    for (long long c = lane; c < columns; c += 32) total += exp(row[c] - largest);
    total = join_team<Sum, 32>(total);
    for (long long c = lane; c < columns; c += 32) {
      softmax[r * columns + c] = exp(row[c] - largest) / total;
    }
    const long long label = labels[r];
    const bool known = label >= 0 && label < columns;
    if (lane == 0) losses[r] = known ? log(total) - (row[label] - largest) : nan<T>();
  }
}

}  // namespace gpugrad
