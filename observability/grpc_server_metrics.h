// The metrics of gRPC servers, with the names and labels of go-grpc-middleware, so that existing dashboards
// work; see metrics.h for what holds of all.

#ifndef LIVECOUNTER_OBSERVABILITY_GRPC_SERVER_METRICS_H_
#define LIVECOUNTER_OBSERVABILITY_GRPC_SERVER_METRICS_H_

#include <array>
#include <cstddef>

#include "absl/strings/string_view.h"
#include "prometheus/counter.h"
#include "prometheus/family.h"
#include "prometheus/histogram.h"
#include "prometheus/registry.h"

namespace livecounter::observability {

enum class GrpcType { kUnary, kClientStream, kServerStream, kBidiStream };
inline constexpr size_t kGrpcCodes = 17;  // OK (0) to UNAUTHENTICATED (16)

// As Go's codes.Code prints it; "Unknown" for a code that gRPC does not have.
const char* GrpcCodeName(int code);
// go-grpc-middleware's buckets, and one below them: most of our calls take less than its first.
const prometheus::Histogram::BucketBoundaries& GrpcBuckets();

// The series of one method. Valid as long as the registry.
class GrpcMethodMetrics {
 public:
  prometheus::Counter& started() { return *started_; }
  prometheus::Counter& received() { return *received_; }
  prometheus::Counter& sent() { return *sent_; }
  // `code` is a gRPC status code; one out of range counts as Unknown.
  prometheus::Counter& handled(int code) {
    const bool known = code >= 0 && code < static_cast<int>(kGrpcCodes);
    return *handled_[known ? static_cast<size_t>(code) : 2];
  }
  // Null for streams: how long one lives says nothing about latency.
  prometheus::Histogram* handling_seconds() { return handling_seconds_; }

 private:
  friend class GrpcServerMetrics;
  prometheus::Counter* started_ = nullptr;
  prometheus::Counter* received_ = nullptr;
  prometheus::Counter* sent_ = nullptr;
  std::array<prometheus::Counter*, kGrpcCodes> handled_ = {};
  prometheus::Histogram* handling_seconds_ = nullptr;
};

class GrpcServerMetrics {
 public:
  explicit GrpcServerMetrics(prometheus::Registry& registry);

  // Makes all series of a method, at zero, so that rates are right from the first call.
  GrpcMethodMetrics Method(absl::string_view service, absl::string_view method, GrpcType type);

 private:
  prometheus::Family<prometheus::Counter>* started_;
  prometheus::Family<prometheus::Counter>* handled_;
  prometheus::Family<prometheus::Counter>* received_;
  prometheus::Family<prometheus::Counter>* sent_;
  prometheus::Family<prometheus::Histogram>* handling_seconds_;
};

}  // namespace livecounter::observability

#endif  // LIVECOUNTER_OBSERVABILITY_GRPC_SERVER_METRICS_H_
