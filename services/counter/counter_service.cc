#include "services/counter/counter_service.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "livecounter/v1/counter_service.grpc.pb.h"
#include "services/counter/counter_requests.h"
#include "services/counter/watch_stream.h"
#include "services/runtime/call_authorization.h"
#include "services/runtime/grpc_status.h"
#include "wire/counter_resource.h"
#include "wire/names.h"

namespace livecounter::counter {
namespace {

using Reactor = grpc::ServerUnaryReactor;

// A call without a deadline, or with a distant one, waits this long for its turn at most.
constexpr absl::Duration kMaxWait = absl::Seconds(30);

void Finish(Reactor* reactor, const absl::Status& status) {
  reactor->Finish(runtime::ToGrpcStatus(status));
}

// Of what a request was checked to.
const std::string& ProductOf(const CounterId& counter) { return counter.product; }
const std::string& ProductOf(const ListRequest& list) { return list.product; }
const std::string& ProductOf(const NewCounter& wanted) { return wanted.counter.product; }
const std::string& ProductOf(const KeyedHit& hit) { return hit.counter.product; }
const std::string& ProductOf(const SetRequest& set) { return set.counter.product; }
const std::string& ProductOf(const HistoryRequest& history) { return history.counter.product; }

// The one thing of a list that the engine checks.
absl::Status OfPageToken(const absl::Status& status) {
  if (!absl::IsInvalidArgument(status)) return status;
  return absl::InvalidArgumentError(absl::StrCat("page_token: ", status.message()));
}

// Answers a call with the counter that the engine gave, or with its error.
CounterEngine::Callback<Change> FinishWith(Reactor* reactor, v1::Counter* response) {
  return [reactor, response](const absl::StatusOr<Change>& change) {
    if (change.ok()) wire::EncodeCounterResource(*change, response);
    Finish(reactor, change.status());
  };
}

}  // namespace

// A reactor, its request and its response live until it is finished, also when the client is gone: what
// the engine calls back may use them.
class CounterService::Impl final : public v1::CounterService::CallbackService {
 public:
  explicit Impl(const Parts& parts)
      : parts_(parts),
        engine_(parts.engine),
        increments_(parts.increments),
        loop_(parts.loop),
        clock_(parts.clock) {}

  Reactor* GetCounter(grpc::CallbackServerContext* context, const v1::GetCounterRequest* request,
                      v1::Counter* response) override {
    return Serve(context, *request, [this, response](CounterId counter, Reactor* reactor) {
      engine_.Read(std::move(counter),
                   [this, reactor, response](const absl::StatusOr<Change>& change) {
                     if (!change.ok()) return Finish(reactor, change.status());
                     wire::EncodeCounterResource(*change, response);
                     FinishIfKnown(*change, reactor);
                   });
    });
  }

  Reactor* ListCounters(grpc::CallbackServerContext* context,
                        const v1::ListCountersRequest* request,
                        v1::ListCountersResponse* response) override {
    return Serve(context, *request, [this, response](ListRequest list, Reactor* reactor) {
      engine_.List(std::move(list.product), list.page_size, std::move(list.page_token),
                   [reactor, response](const absl::StatusOr<CounterPage>& page) {
                     if (page.ok()) Fill(*page, response);
                     Finish(reactor, OfPageToken(page.status()));
                   });
    });
  }

  Reactor* CreateCounter(grpc::CallbackServerContext* context,
                         const v1::CreateCounterRequest* request, v1::Counter* response) override {
    return Serve(context, *request, [this, response](NewCounter wanted, Reactor* reactor) {
      engine_.Create(std::move(wanted), FinishWith(reactor, response));
    });
  }

  Reactor* IncrementCounter(grpc::CallbackServerContext* context,
                            const v1::IncrementCounterRequest* request,
                            v1::IncrementCounterResponse* response) override {
    return Serve(context, *request, [this, context, response](KeyedHit hit, Reactor* reactor) {
      auto done = [this, counter = hit.counter, reactor,
                   response](const absl::StatusOr<HitResult>& result) {
        if (!result.ok()) return Finish(reactor, result.status());
        AnswerIncrement(counter, *result, reactor, response);
      };
      hit.create = parts_.products.CreatesCounters(hit.counter.product);
      if (hit.key.empty()) {
        increments_.Add(hit.counter, hit.count, hit.create, Deadline(*context), std::move(done));
      } else {
        engine_.HitOnce(std::move(hit), std::move(done));
      }
    });
  }

  Reactor* SetCounter(grpc::CallbackServerContext* context, const v1::SetCounterRequest* request,
                      v1::Counter* response) override {
    return Serve(context, *request, [this, response](SetRequest set, Reactor* reactor) {
      engine_.SetHits(std::move(set.counter), set.hits, FinishWith(reactor, response));
    });
  }

  Reactor* DeleteCounter(grpc::CallbackServerContext* context,
                         const v1::DeleteCounterRequest* request,
                         google::protobuf::Empty* /*response*/) override {
    return Serve(context, *request, [this](CounterId counter, Reactor* reactor) {
      engine_.Delete(std::move(counter),
                     [reactor](const absl::Status& status) { Finish(reactor, status); });
    });
  }

  Reactor* GetHistory(grpc::CallbackServerContext* context, const v1::GetHistoryRequest* request,
                      v1::GetHistoryResponse* response) override {
    return Serve(
        context, *request, [this, response](const HistoryRequest& history, Reactor* reactor) {
          engine_.ReadHistory(history.counter, history.resolution, history.from, history.to,
                              [this, counter = history.counter, reactor,
                               response](const absl::StatusOr<std::vector<HistoryValue>>& values) {
                                if (!values.ok()) return Finish(reactor, values.status());
                                if (values->empty()) return ReadIfKnown(counter, reactor);
                                for (const HistoryValue& value : *values) {
                                  wire::EncodeHistoryPoint(value, response->add_points());
                                }
                                Finish(reactor, absl::OkStatus());
                              });
        });
  }

  grpc::ServerWriteReactor<v1::WatchCountersResponse>* WatchCounters(
      grpc::CallbackServerContext* context, const v1::WatchCountersRequest* request) override {
    // Who calls is told first, and what is asked after that.
    const auto caller = runtime::Authenticate(*context, parts_.callers);
    if (!caller.ok()) return RefuseWatch(caller.status());
    const auto counters = Check(*request);
    if (!counters.ok()) return RefuseWatch(counters.status());
    std::set<std::string> products;
    for (const CounterId& counter : *counters) products.insert(counter.product);
    // Asked again for each message: a watch does not outlive the session that began it.
    WatchAccess access = [this, context, products = std::move(products)] {
      return CheckWatch(*context, products);
    };
    if (absl::Status denied = access(); !denied.ok()) return RefuseWatch(denied);
    return StartWatch(loop_, *context, *counters, std::move(access));
  }

 private:
  // What every unary method begins with: who calls, whether there is time, what is asked, and whether it
  // is the caller's. `go(checked, reactor)` finishes the call.
  template <typename Request, typename Go>
  Reactor* Serve(grpc::CallbackServerContext* context, const Request& request, Go go) {
    Reactor* reactor = context->DefaultReactor();
    const auto caller = runtime::Authenticate(*context, parts_.callers);
    auto checked = caller.ok() ? Admit(*context, *caller, Check(request))
                               : decltype(Check(request))(caller.status());
    if (checked.ok()) {
      go(*std::move(checked), reactor);
    } else {
      Finish(reactor, checked.status());
    }
    return reactor;
  }

  template <typename Checked>
  absl::StatusOr<Checked> Admit(const grpc::CallbackServerContext& context,
                                const runtime::Principal& caller,
                                absl::StatusOr<Checked> checked) const {
    if (Deadline(context) <= clock_.Now()) {
      return absl::DeadlineExceededError("the deadline came before the call began");
    }
    if (!checked.ok()) return checked;
    absl::Status access = CheckAccess(caller, ProductOf(*checked));
    if (!access.ok()) return access;
    return checked;
  }

  // NOT_FOUND unless the product is there, and the caller's.
  absl::Status CheckAccess(const runtime::Principal& caller, absl::string_view product) const {
    absl::Status owned = runtime::CheckOwner(caller, "product", product);
    if (!owned.ok() || parts_.products.HasProduct(product)) return owned;
    return runtime::NoSuch("product", product);
  }

  absl::Status CheckWatch(const grpc::CallbackServerContext& context,
                          const std::set<std::string>& products) const {
    const auto caller = runtime::Authenticate(context, parts_.callers);
    if (!caller.ok()) return caller.status();
    for (const std::string& product : products) {
      if (absl::Status denied = CheckAccess(*caller, product); !denied.ok()) return denied;
    }
    return absl::OkStatus();
  }

  // By our clock; gRPC's is the machine's, which may have been set since ours began.
  absl::Time Deadline(const grpc::CallbackServerContext& context) const {
    const absl::Duration left = absl::FromChrono(context.deadline()) - absl::Now();
    return clock_.Now() + std::min(left, kMaxWait);
  }

  static void Fill(const CounterPage& page, v1::ListCountersResponse* response) {
    for (const Change& counter : page.counters) {
      wire::EncodeCounterResource(counter, response->add_counters());
    }
    response->set_next_page_token(page.next_page_token);
  }

  // NOT_FOUND unless it is one that ListCounters() shows.
  void FinishIfKnown(const Change& change, Reactor* reactor) {
    if (change.hits || change.present > 0) return Finish(reactor, absl::OkStatus());
    engine_.ReadHistory(
        change.counter, HistoryResolution::kHour, absl::InfinitePast(), absl::InfiniteFuture(),
        [counter = change.counter,
         reactor](const absl::StatusOr<std::vector<HistoryValue>>& values) {
          if (!values.ok() || !values->empty()) return Finish(reactor, values.status());
          Finish(reactor, absl::NotFoundError(absl::StrCat(
                              "no counter ", wire::CounterName(counter),
                              ": it has no hits, nobody is present and it has no history")));
        });
  }
  // Of a counter without a point in the time that was asked for.
  void ReadIfKnown(const CounterId& counter, Reactor* reactor) {
    engine_.Read(counter, [this, reactor](const absl::StatusOr<Change>& change) {
      if (!change.ok()) return Finish(reactor, change.status());
      FinishIfKnown(*change, reactor);
    });
  }

  // The total is the one right after the request's hits, whatever was counted since; who is present is
  // read beside it.
  void AnswerIncrement(const CounterId& counter, const HitResult& result, Reactor* reactor,
                       v1::IncrementCounterResponse* response) {
    engine_.Read(counter, [counter, result, reactor, response](absl::StatusOr<Change> read) {
      Change change = read.ok() ? *std::move(read) : Change{counter, {}, {}, 0};
      change.version = result.version;
      change.hits = result.value_after;
      wire::EncodeCounterResource(change, response->mutable_counter());
      Finish(reactor, absl::OkStatus());
    });
  }

  const Parts parts_;
  CounterEngine& engine_;
  Increments& increments_;
  ReplicaLoop& loop_;
  runtime::Clock& clock_;
};

CounterService::CounterService(const Parts& parts) : impl_(std::make_unique<Impl>(parts)) {}

CounterService::~CounterService() = default;

runtime::GrpcService CounterService::service() const {
  return {v1::CounterService::service_full_name(), impl_.get()};
}

}  // namespace livecounter::counter
