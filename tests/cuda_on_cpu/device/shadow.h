// What is remembered of each place in memory that a kernel touches: who wrote it last, and the last
// two threads that read it since.
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

namespace cuda_on_cpu {

struct Access {
  uint32_t thread;      // its number in the grid, or `nobody`
  uint32_t time;        // when
  uint32_t code : 31;   // where: an offset in the module
  uint32_t atomic : 1;
};

constexpr uint32_t nobody = UINT32_MAX;

struct Cell {
  Access write{nobody, 0, 0, 0}, read[2] = {{nobody, 0, 0, 0}, {nobody, 0, 0, 0}};
  uint32_t launch = 0;  // the last one for which it was seen to lie in memory that is there
};

// The cells of memory: one for each word of four bytes, or for each byte of a page in which
// something smaller was touched.
class Shadow {
  static constexpr uintptr_t page_size = 4096;
  static constexpr size_t most_pages = 1024;  // that stay for the next launch
  struct Page {
    bool bytes = false;
    std::vector<Cell> cells = std::vector<Cell>(page_size / 4);
  };
  std::unordered_map<uintptr_t, Page> pages_;
  Page *last_ = nullptr;
  uintptr_t last_number_ = 0;

  Page &page(uintptr_t number) {
    if (!last_ || number != last_number_) {
      last_ = &pages_[number];
      last_number_ = number;
    }
    return *last_;
  }

 public:
  // What was before a launch is in order with all that it does.
  void begin_launch() {
    if (pages_.size() <= most_pages) return;
    pages_.clear();
    last_ = nullptr;
  }

  // Calls `with(cell)` for the cells of [place, place + n).
  template <typename F> void each(uintptr_t place, size_t n, F with) {
    for (uintptr_t at = place; at < place + n;) {
      Page &found = page(at / page_size);
      const bool whole = at % 4 == 0 && place + n - at >= 4;
      if (!whole && !found.bytes) split(found);
      const size_t step = found.bytes ? 1 : 4;
      with(found.cells[at % page_size / step]);
      at += step;
    }
  }

 private:
  static void split(Page &page) {
    std::vector<Cell> cells;
    cells.reserve(page_size);
    for (const Cell &cell : page.cells) cells.insert(cells.end(), 4, cell);
    page.cells = std::move(cells);
    page.bytes = true;
  }
};

}  // namespace cuda_on_cpu
