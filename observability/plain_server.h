// A small HTTP/1.1 server for a port of those who run a program: requests without a body, one a connection,
// answered at once. Not for the public: there is no TLS, and no limit by address.
//
// One thread of its own serves all clients, so one that dawdles keeps nobody waiting; a handler that does
// keeps everybody. Start() and the destructor may be called from any thread but that one.

#ifndef LIVECOUNTER_OBSERVABILITY_PLAIN_SERVER_H_
#define LIVECOUNTER_OBSERVABILITY_PLAIN_SERVER_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace livecounter::observability {

class PlainServer {
 public:
  struct Options {
    std::string host = {};  // address or name to listen on, of either family; "::" takes both
    int port = 0;           // 0: any free one
    // From connecting until the answer is read; who takes longer is disconnected.
    absl::Duration patience = absl::Seconds(5);
  };
  // Served at once; more wait to be accepted.
  static constexpr size_t kMaxClients = 64;
  // Request line and headers.
  static constexpr size_t kMaxHeadBytes = 8192;

  // The whole answer, status line and headers included, to a request with this method and target. Called
  // on the server's thread, one request at a time.
  using Handler = std::function<std::string(absl::string_view method, absl::string_view target)>;

  // Serves when it returns. Unavailable if the port cannot be had, with the reason alone.
  static absl::StatusOr<std::unique_ptr<PlainServer>> Start(const Options& options,
                                                            Handler handler);
  // Stops listening, and disconnects who is left.
  ~PlainServer();
  PlainServer(const PlainServer&) = delete;
  PlainServer& operator=(const PlainServer&) = delete;

  int port() const { return port_; }

 private:
  class Client;

  PlainServer(absl::Duration patience, Handler handler);
  absl::Status Listen(const std::string& host, int port);
  void Serve();
  // Those that wait, as far as there is room.
  void Accept();

  const absl::Duration patience_;
  const Handler handler_;
  int listening_ = -1;
  int stop_ = -1;  // readable from the destructor on
  int port_ = 0;
  bool accepts_ = true;                           // false for a turn after accept(2) failed
  std::vector<std::unique_ptr<Client>> clients_;  // of the thread
  std::thread thread_;
};

}  // namespace livecounter::observability

#endif  // LIVECOUNTER_OBSERVABILITY_PLAIN_SERVER_H_
