#include "errors.h"

#include <cuda.h>

#include <map>
#include <mutex>
#include <vector>

namespace cuda_on_cpu {
namespace {

std::mutex mutex;
cudaError_t sticking = cudaSuccess;
std::string why_it_sticks;
std::vector<std::string> faults;

thread_local cudaError_t last = cudaSuccess;
thread_local std::string reason;  // of the last error, until the next call
thread_local int inside_host_function = 0;

const std::map<int, const char *> names{
    {cudaSuccess, "cudaSuccess"},
    {cudaErrorInvalidValue, "cudaErrorInvalidValue"},
    {cudaErrorMemoryAllocation, "cudaErrorMemoryAllocation"},
    {cudaErrorInvalidConfiguration, "cudaErrorInvalidConfiguration"},
    {cudaErrorInvalidDevice, "cudaErrorInvalidDevice"},
    {cudaErrorInvalidKernelImage, "cudaErrorInvalidKernelImage"},
    {cudaErrorDeviceUninitialized, "cudaErrorDeviceUninitialized"},
    {cudaErrorPeerAccessUnsupported, "cudaErrorPeerAccessUnsupported"},
    {cudaErrorInvalidResourceHandle, "cudaErrorInvalidResourceHandle"},
    {cudaErrorIllegalState, "cudaErrorIllegalState"},
    {cudaErrorSymbolNotFound, "cudaErrorSymbolNotFound"},
    {cudaErrorNotReady, "cudaErrorNotReady"},
    {cudaErrorIllegalAddress, "cudaErrorIllegalAddress"},
    {cudaErrorLaunchOutOfResources, "cudaErrorLaunchOutOfResources"},
    {cudaErrorLaunchFailure, "cudaErrorLaunchFailure"},
    {cudaErrorNotPermitted, "cudaErrorNotPermitted"},
    {cudaErrorNotSupported, "cudaErrorNotSupported"},
    {cudaErrorStreamCaptureUnsupported, "cudaErrorStreamCaptureUnsupported"},
    {cudaErrorStreamCaptureInvalidated, "cudaErrorStreamCaptureInvalidated"},
    {cudaErrorStreamCaptureMerge, "cudaErrorStreamCaptureMerge"},
    {cudaErrorStreamCaptureUnmatched, "cudaErrorStreamCaptureUnmatched"},
    {cudaErrorStreamCaptureUnjoined, "cudaErrorStreamCaptureUnjoined"},
    {cudaErrorStreamCaptureIsolation, "cudaErrorStreamCaptureIsolation"},
    {cudaErrorStreamCaptureImplicit, "cudaErrorStreamCaptureImplicit"},
    {cudaErrorCapturedEvent, "cudaErrorCapturedEvent"},
    {cudaErrorStreamCaptureWrongThread, "cudaErrorStreamCaptureWrongThread"},
    {cudaErrorGraphExecUpdateFailure, "cudaErrorGraphExecUpdateFailure"},
};

}  // namespace

cudaError_t fail(cudaError_t code, const std::string &why) {
  reason = why;
  return last = code;
}

cudaError_t break_context(cudaError_t code, const std::string &why) {
  std::lock_guard lock(mutex);
  if (sticking == cudaSuccess) {
    sticking = code;
    why_it_sticks = why;
    faults.push_back(why);
  }
  return fail(code, why);
}

cudaError_t refused() {
  if (inside_host_function)
    return fail(cudaErrorNotPermitted, "a host function in a stream calls CUDA");
  reason.clear();
  std::lock_guard lock(mutex);
  return sticking == cudaSuccess ? cudaSuccess : fail(sticking, why_it_sticks);
}

void fault(const std::string &what) {
  std::lock_guard lock(mutex);
  faults.push_back(what);
}

std::string take_faults() {
  std::lock_guard lock(mutex);
  std::string text;
  for (const auto &what : faults)
    if (text.find(what) == std::string::npos) text += (text.empty() ? "" : "\n") + what;
  faults.clear();
  sticking = cudaSuccess;
  return text;
}

InsideHostFunction::InsideHostFunction() { ++inside_host_function; }
InsideHostFunction::~InsideHostFunction() { --inside_host_function; }

}  // namespace cuda_on_cpu

using namespace cuda_on_cpu;

extern "C" {

const char *cudaGetErrorName(cudaError_t code) {
  auto found = names.find(code);
  return found == names.end() ? "cudaErrorWithoutName" : found->second;
}

const char *cudaGetErrorString(cudaError_t code) {
  if (code == cudaSuccess) return "no error";
  return reason.empty() ? "no reason was given" : reason.c_str();
}

cudaError_t cudaGetLastError() {
  cudaError_t code = last;
  last = cudaSuccess;
  return code;
}

cudaError_t cudaPeekAtLastError() { return last; }

CUresult cuGetErrorName(CUresult code, const char **text) {
  *text = cudaGetErrorName(cudaError_t(code));
  return CUDA_SUCCESS;
}

CUresult cuGetErrorString(CUresult code, const char **text) {
  *text = cudaGetErrorString(cudaError_t(code));
  return CUDA_SUCCESS;
}
}
