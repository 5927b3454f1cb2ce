// Calls to the server: one channel, the token, deadlines, and errors that say what to do.
//
// Methods are named by the stub's member, so that a call is checked by the compiler:
//   client.Call(&v1::AdminService::Stub::GetAccount, request)
//
// Including this costs the gRPC headers: in .cc files of commands only. All methods may be called from
// any thread.

#ifndef LIVECOUNTER_CLI_CLIENT_H_
#define LIVECOUNTER_CLI_CLIENT_H_

#include <grpcpp/client_context.h>
#include <grpcpp/support/sync_stream.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "cli/message_stream.h"
#include "livecounter/v1/admin_service.grpc.pb.h"
#include "livecounter/v1/counter_service.grpc.pb.h"
#include "services/runtime/tls_files.h"

namespace livecounter::cli {

struct ClientOptions {
  std::string server = {};
  std::string token = {};  // empty: calls go without one
  bool tls = false;
  runtime::TlsFiles tls_files = {};
  absl::Duration timeout = absl::Seconds(10);  // of one call; infinite: none
};

class Client {
 public:
  // Does not wait for a connection: the first call makes it.
  static absl::StatusOr<std::unique_ptr<Client>> Make(const ClientOptions& options);

  // Waits until the server answers, at most the time-out.
  absl::Status WaitForConnection();

  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                             Response*),
                                const Request& request) {
    grpc::ClientContext context;
    Prepare(&context);
    Response response;
    const grpc::Status status = (StubFor<Stub>()->*method)(&context, request, &response);
    if (!status.ok()) return Explain(status);
    return response;
  }

  // Gives `on_page` the pages as they come, up to `limit` items in all (0: all). Where some were left, the
  // next_page_token of the last page leads on.
  template <typename Stub, typename Request, typename Response, typename Item, typename OnPage>
  absl::Status EachPage(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                     Response*),
                        const google::protobuf::RepeatedPtrField<Item>& (Response::*items)() const,
                        Request request, int64_t limit, OnPage on_page) {
    int64_t seen = 0;
    while (true) {
      const int64_t wanted = limit == 0 ? kMaxPageSize : limit - seen;
      request.set_page_size(static_cast<int32_t>(std::min<int64_t>(wanted, kMaxPageSize)));
      const absl::StatusOr<Response> page = Call(method, request);
      if (!page.ok()) return page.status();
      seen += ((*page).*items)().size();
      on_page(*page);
      if (page->next_page_token().empty() || (limit != 0 && seen >= limit)) {
        return absl::OkStatus();
      }
      request.set_page_token(page->next_page_token());
    }
  }

  // EachPage() as one answer.
  template <typename Stub, typename Request, typename Response, typename Item>
  absl::StatusOr<Response> List(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                             Response*),
                                const google::protobuf::RepeatedPtrField<Item>& (Response::*items)()
                                    const,
                                Request request, int64_t limit) {
    Response all;
    absl::Status listed =
        EachPage(method, items, std::move(request), limit, [&](const Response& page) {
          all.clear_next_page_token();
          all.MergeFrom(page);
        });
    if (!listed.ok()) return listed;
    return all;
  }

  // Starts a stream of answers. `wake` is called, on another thread, whenever there is something new
  // to take from it. The stream ends before the client.
  template <typename Stub, typename Request, typename Response>
  std::unique_ptr<MessageStream<Response>> Stream(
      std::unique_ptr<grpc::ClientReader<Response>> (Stub::*method)(grpc::ClientContext*,
                                                                    const Request&),
      const Request& request, std::function<void()> wake) {
    auto context = std::make_unique<grpc::ClientContext>();
    Prepare(context.get());
    Stub* const stub = StubFor<Stub>();
    return std::make_unique<MessageStream<Response>>(
        std::move(context),
        [stub, method, request](grpc::ClientContext* context) {
          return (stub->*method)(context, request);
        },
        [this](const grpc::Status& status) { return Explain(status); }, std::move(wake));
  }

 private:
  static constexpr int64_t kMaxPageSize = 1000;

  explicit Client(const ClientOptions& options) : options_(options) {}

  void Prepare(grpc::ClientContext* context) const;
  absl::Status Explain(const grpc::Status& status) const;

  template <typename Stub>
  Stub* StubFor() {
    if constexpr (std::is_same_v<Stub, v1::AdminService::Stub>) {
      return admin_.get();
    } else {
      return counters_.get();
    }
  }

  const ClientOptions options_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::AdminService::Stub> admin_;
  std::unique_ptr<v1::CounterService::Stub> counters_;
};

}  // namespace livecounter::cli

#endif  // LIVECOUNTER_CLI_CLIENT_H_
