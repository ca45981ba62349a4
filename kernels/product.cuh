// A product of two matrices, of any strides, in tiles of 32 by 32.
//
// Each element is summed over k in order, by one thread, which has four of a column of the tile.
// What lies beyond the edges counts as zero and is not written. The threads of a block are 256; a
// block has one tile, tiles follow each other along a row of tiles, and matrices of a batch follow
// one another with all of their tiles. `store` gets each element with its row, counted through all
// matrices, and column.

namespace gpugrad {

template <typename T, typename Index, typename Store>
__device__ inline void product(const T *a, const T *b, Index m, Index n, Index depth, Index a_row,
                               Index a_step, Index a_next, Index b_row, Index b_step, Index b_next,
                               Store store) {
  constexpr int tile = 32, rows = 8;  // of threads
  __shared__ T left[tile][tile + 1], right[tile][tile + 1];
  const Index across = (n + tile - 1) / tile, down = (m + tile - 1) / tile;
  const Index batch = blockIdx.x / (across * down), at = blockIdx.x % (across * down);
  const Index i0 = at / across * tile, j0 = at % across * tile;
  const int x = threadIdx.x % tile, y0 = threadIdx.x / tile;
  a += batch * a_next;
  b += batch * b_next;
  T sums[tile / rows] = {};
  for (Index k0 = 0; k0 < depth; k0 += tile) {
    for (int r = y0; r < tile; r += rows) {
      // Neighbouring threads read neighbouring numbers, whichever way a matrix lies.
      const int ai = a_step == 1 ? r : x, ak = a_step == 1 ? x : r;
      const bool in_a = i0 + ai < m && k0 + ak < depth;
      left[ai][ak] = in_a ? a[(i0 + ai) * a_row + (k0 + ak) * a_step] : T(0);
      const int bk = b_step == 1 ? r : x, bj = b_step == 1 ? x : r;
      const bool in_b = k0 + bk < depth && j0 + bj < n;
      right[bk][bj] = in_b ? b[(k0 + bk) * b_row + (j0 + bj) * b_step] : T(0);
    }
    __syncthreads();
    const int most = depth - k0 < tile ? int(depth - k0) : tile;
    for (int k = 0; k < most; ++k) {
      const T factor = right[k][x];
      for (int r = 0; r < tile / rows; ++r) sums[r] += left[y0 + r * rows][k] * factor;
    }
    __syncthreads();  // before the next tiles come in their place
  }
  for (int r = 0; r < tile / rows; ++r) {
    const Index i = i0 + y0 + r * rows, j = j0 + x;
    if (i < m && j < n) store(batch * m + i, j, sums[r]);
  }
}

}  // namespace gpugrad
