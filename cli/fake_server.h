// A gRPC server for tests that answers every method of CounterService and AdminService as it is told,
// and keeps what it was asked.

#ifndef LIVECOUNTER_CLI_FAKE_SERVER_H_
#define LIVECOUNTER_CLI_FAKE_SERVER_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "google/protobuf/message.h"
#include "services/runtime/tls_files.h"

namespace grpc {
class Server;
}

namespace livecounter::cli {

class FakeServer {
 public:
  struct Call {
    std::string method;         // "AdminService/GetAccount"
    std::string request;        // in protobuf's text format, on one line
    std::string authorization;  // the header; empty where there was none
  };

  // Listens on a free port of loopback; with `tls.cert` and `tls.key` over TLS, with `tls.ca` too for
  // clients that show a certificate which that has signed.
  explicit FakeServer(const runtime::TlsFiles& tls = {});
  ~FakeServer();
  FakeServer(const FakeServer&) = delete;
  FakeServer& operator=(const FakeServer&) = delete;

  const std::string& address() const { return address_; }

  // The next call of `method` gets this; each answer once and in order, and the last one for ever.
  // Without any a call is answered with an empty message, and a stream ends at once.
  void Answer(const std::string& method, const google::protobuf::Message& message);
  void AnswerStream(const std::string& method,
                    const std::vector<const google::protobuf::Message*>& messages,
                    const absl::Status& end = absl::OkStatus());
  void Refuse(const std::string& method, const absl::Status& status);
  // It is never answered.
  void Hold(const std::string& method);

  std::vector<Call> calls() const;
  // Only of this method.
  std::vector<std::string> RequestsOf(const std::string& method) const;

 private:
  class Service;
  class Reactor;
  struct Reply {
    std::vector<std::string> messages = {};  // serialised
    absl::Status end = absl::OkStatus();
    bool held = false;
  };

  Reply Take(const Call& call);

  mutable absl::Mutex mutex_;
  std::map<std::string, std::vector<Reply>> replies_ ABSL_GUARDED_BY(mutex_);
  std::vector<Call> calls_ ABSL_GUARDED_BY(mutex_);

  std::unique_ptr<Service> service_;
  std::unique_ptr<grpc::Server> server_;
  std::string address_;
};

}  // namespace livecounter::cli

#endif  // LIVECOUNTER_CLI_FAKE_SERVER_H_
