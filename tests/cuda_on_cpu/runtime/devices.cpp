#include "devices.h"

#include <cuda.h>
#include <cuda_profiler_api.h>
#include <cuda_runtime_api.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>

#include "errors.h"
#include "memory.h"

namespace cuda_on_cpu {
namespace {

constexpr int version = 13000;
thread_local int current = 0;

const std::map<int, int> attributes{
    {cudaDevAttrMaxThreadsPerBlock, threads_of_a_block},
    {cudaDevAttrMaxBlockDimX, largest_block[0]},
    {cudaDevAttrMaxBlockDimY, largest_block[1]},
    {cudaDevAttrMaxBlockDimZ, largest_block[2]},
    {cudaDevAttrMaxGridDimX, largest_grid[0]},
    {cudaDevAttrMaxGridDimY, largest_grid[1]},
    {cudaDevAttrMaxGridDimZ, largest_grid[2]},
    {cudaDevAttrMaxSharedMemoryPerBlock, shared_of_a_block},
    {cudaDevAttrMaxSharedMemoryPerBlockOptin, shared_of_a_block_at_most},
    {cudaDevAttrMaxSharedMemoryPerMultiprocessor, shared_of_a_multiprocessor},
    {cudaDevAttrReservedSharedMemoryPerBlock, shared_that_a_block_costs},
    {cudaDevAttrTotalConstantMemory, 65536},
    {cudaDevAttrWarpSize, 32},
    {cudaDevAttrMaxRegistersPerBlock, 65536},
    {cudaDevAttrMaxRegistersPerMultiprocessor, 65536},
    {cudaDevAttrMultiProcessorCount, multiprocessors},
    {cudaDevAttrMaxThreadsPerMultiProcessor, threads_of_a_multiprocessor},
    {cudaDevAttrMaxBlocksPerMultiprocessor, blocks_of_a_multiprocessor},
    {cudaDevAttrComputeCapabilityMajor, 9},
    {cudaDevAttrComputeCapabilityMinor, 0},
    {cudaDevAttrL2CacheSize, 50 << 20},
    {cudaDevAttrClockRate, 1980000},
    {cudaDevAttrMemoryClockRate, 2619000},
    {cudaDevAttrGlobalMemoryBusWidth, 5120},
    {cudaDevAttrAsyncEngineCount, 3},
    {cudaDevAttrConcurrentKernels, 1},
    {cudaDevAttrUnifiedAddressing, 1},
    {cudaDevAttrTextureAlignment, 512},
    {cudaDevAttrMemoryPoolsSupported, 0},
    {cudaDevAttrManagedMemory, 0},
    {cudaDevAttrConcurrentManagedAccess, 0},
    {cudaDevAttrPageableMemoryAccess, 0},
    {cudaDevAttrCooperativeLaunch, 0},
    {cudaDevAttrStreamPrioritiesSupported, 1},
    {cudaDevAttrGpuOverlap, 1},
    {cudaDevAttrGlobalL1CacheSupported, 1},
    {cudaDevAttrLocalL1CacheSupported, 1},
    {cudaDevAttrHostNativeAtomicSupported, 0},
    {cudaDevAttrIntegrated, 0},
    {cudaDevAttrEccEnabled, 1},
    {cudaDevAttrComputeMode, 0},
    {cudaDevAttrKernelExecTimeout, 0},
    {cudaDevAttrCanMapHostMemory, 1},
    {cudaDevAttrGpuOverlap, 1},
    {cudaDevAttrMaxTexture1DLinearWidth, 1 << 28},
    {cudaDevAttrSingleToDoublePrecisionPerfRatio, 2},
};

cudaError_t known(int device) {
  if (device >= 0 && device < device_count()) return cudaSuccess;
  return fail(cudaErrorInvalidDevice,
              "device " + std::to_string(device) + ": there are " + std::to_string(device_count()));
}

CUcontext context_of(int device) { return reinterpret_cast<CUcontext>(uintptr_t(device + 1) << 4); }

}  // namespace

int current_device() { return current; }

int device_count() {
  static const int found = [] {
    const char *said = getenv("CUDA_ON_CPU_DEVICES");
    return std::clamp(said ? atoi(said) : 2, 1, most_devices);
  }();
  return found;
}

}  // namespace cuda_on_cpu

using namespace cuda_on_cpu;

extern "C" {

cudaError_t cudaDriverGetVersion(int *value) { return *value = version, cudaSuccess; }
cudaError_t cudaRuntimeGetVersion(int *value) { return *value = version, cudaSuccess; }
cudaError_t cudaGetDeviceCount(int *value) { return *value = device_count(), cudaSuccess; }
cudaError_t cudaGetDevice(int *device) { return *device = current, cudaSuccess; }
cudaError_t cudaProfilerStart() { return cudaSuccess; }
cudaError_t cudaProfilerStop() { return cudaSuccess; }

cudaError_t cudaSetDevice(int device) {
  if (auto error = known(device)) return error;
  current = device;
  return cudaSuccess;
}

cudaError_t cudaDeviceGetAttribute(int *value, cudaDeviceAttr attribute, int device) {
  if (auto error = known(device)) return error;
  auto found = attributes.find(attribute);
  if (found == attributes.end())
    return fail(cudaErrorInvalidValue,
                "device attribute " + std::to_string(attribute) + " is not known here");
  *value = found->second;
  return cudaSuccess;
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp *p, int device) {
  if (auto error = known(device)) return error;
  memset(p, 0, sizeof *p);
  strcpy(p->name, "a CPU as an H100");
  memset(&p->uuid, device + 1, sizeof p->uuid);
  p->totalGlobalMem = memory_of_a_device;
  p->sharedMemPerBlock = shared_of_a_block;
  p->sharedMemPerBlockOptin = shared_of_a_block_at_most;
  p->sharedMemPerMultiprocessor = shared_of_a_multiprocessor;
  p->reservedSharedMemPerBlock = shared_that_a_block_costs;
  p->regsPerBlock = p->regsPerMultiprocessor = 65536;
  p->warpSize = 32;
  p->maxThreadsPerBlock = threads_of_a_block;
  p->maxThreadsPerMultiProcessor = threads_of_a_multiprocessor;
  p->maxBlocksPerMultiProcessor = blocks_of_a_multiprocessor;
  for (int i = 0; i < 3; ++i) {
    p->maxThreadsDim[i] = int(largest_block[i]);
    p->maxGridSize[i] = int(largest_grid[i]);
  }
  p->totalConstMem = 65536;
  p->major = 9;
  p->multiProcessorCount = multiprocessors;
  p->l2CacheSize = 50 << 20;
  p->memoryBusWidth = 5120;
  p->asyncEngineCount = 3;
  p->unifiedAddressing = p->concurrentKernels = p->canMapHostMemory = p->ECCEnabled = 1;
  p->textureAlignment = 512;
  p->pciBusID = device;
  return cudaSuccess;
}

cudaError_t cudaMemGetInfo(size_t *free, size_t *total) {
  if (auto error = refused()) return error;
  *total = memory_of_a_device;
  *free = memory_of_a_device - memory_in_use(current);
  return cudaSuccess;
}

cudaError_t cudaDeviceCanAccessPeer(int *answer, int device, int peer) {
  if (auto error = known(device)) return error;
  if (auto error = known(peer)) return error;
  *answer = 0;
  return cudaSuccess;
}

cudaError_t cudaDeviceEnablePeerAccess(int, unsigned) {
  return fail(cudaErrorPeerAccessUnsupported, "no device here can reach the memory of another");
}

cudaError_t cudaDeviceGetPCIBusId(char *text, int length, int device) {
  if (auto error = known(device)) return error;
  snprintf(text, size_t(length), "0000:%02x:00.0", device);
  return cudaSuccess;
}

CUresult cuCtxGetCurrent(CUcontext *context) {
  return *context = context_of(current), CUDA_SUCCESS;
}

CUresult cuCtxSetCurrent(CUcontext context) {
  for (int device = 0; device < device_count(); ++device)
    if (context == context_of(device)) return current = device, CUDA_SUCCESS;
  return CUresult(fail(cudaErrorDeviceUninitialized, "an unknown context"));
}

CUresult cuCtxGetDevice(CUdevice *device) { return *device = current, CUDA_SUCCESS; }
}
