// Graphs that were captured, as handles.
#pragma once

#include <cuda_runtime_api.h>

#include <memory>

#include "capture.h"

namespace cuda_on_cpu {

cudaGraph_t keep_graph(std::shared_ptr<Graph> graph);

}  // namespace cuda_on_cpu
