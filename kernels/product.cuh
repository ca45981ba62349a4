// A tile of a product of two matrices, of any strides: 32 by 32 elements by the 256 threads of a
// block.
//
// Each element is summed over k in order, by one thread, which has four of a column of the tile.
// What lies beyond the edges counts as zero.

namespace gpugrad {

constexpr int tile = 32, tile_rows = 8;  // of threads: row y of the block has rows y, y + 8, ...

// What a block reads of both matrices at a time. Rows on the left begin where a pack may.
template <typename T> struct alignas(16) Tiles {
  T left[tile][tile + 4], right[tile][tile + 1];
};

// The sums over k from `from` on and below `to`, of the elements from row i0 and column j0 on.
template <typename T, typename Index>
__device__ inline void product(Tiles<T> &tiles, const T *a, const T *b, Index i0, Index j0,
                               Index from, Index to, Index m, Index n, Index a_row, Index a_step,
                               Index b_row, Index b_step, T *sums) {
  const int x = threadIdx.x % tile, y0 = threadIdx.x / tile;
  for (int t = 0; t < tile / tile_rows; ++t) sums[t] = 0;
  for (Index k0 = from; k0 < to; k0 += tile) {
    for (int r = y0; r < tile; r += tile_rows) {
      // Neighbouring threads read neighbouring numbers, whichever way a matrix lies.
      const int ai = a_step == 1 ? r : x, ak = a_step == 1 ? x : r;
      const bool in_a = i0 + ai < m && k0 + ak < to;
      tiles.left[ai][ak] = in_a ? a[(i0 + ai) * a_row + (k0 + ak) * a_step] : T(0);
      const int bk = b_step == 1 ? r : x, bj = b_step == 1 ? x : r;
      const bool in_b = k0 + bk < to && j0 + bj < n;
      tiles.right[bk][bj] = in_b ? b[(k0 + bk) * b_row + (j0 + bj) * b_step] : T(0);
    }
    __syncthreads();
    const int most = to - k0 < tile ? int(to - k0) : tile;
    for (int k = 0; k < most; k += 4) {
      for (int t = 0; t < tile / tile_rows; ++t) {
        const auto &row = *reinterpret_cast<Pack<T> *>(&tiles.left[y0 + t * tile_rows][k]);
        for (int i = 0; i < 4; ++i) sums[t] += row.at[i] * tiles.right[k + i][x];
      }
    }
    __syncthreads();  // before the next tiles come in their place
  }
}

}  // namespace gpugrad
