// Every metric of the project. Names, help, labels and buckets are in the *_metrics.cc of this folder and
// nowhere else (contract §7); docs/metrics.md is made from them. Base units, bounded labels: never a
// counter, a urlId, a pId, a key, a product or an account.
//
// Each class registers its families in the registry that is passed in and resolves each series
// once; methods then return the series without a look-up. Make one of each per registry; the
// registry outlives them. Series may be used from any thread. A prometheus::Counter or Gauge is an
// atomic; a Histogram takes a lock for each observation: observe once per batch or change, not once
// per delivery.

#ifndef LIVECOUNTER_OBSERVABILITY_METRICS_H_
#define LIVECOUNTER_OBSERVABILITY_METRICS_H_

#include "observability/counterd_metrics.h"
#include "observability/gateway_metrics.h"
#include "observability/grpc_server_metrics.h"
#include "observability/program_metrics.h"
#include "observability/verifier_metrics.h"

#endif  // LIVECOUNTER_OBSERVABILITY_METRICS_H_
