// A customer's server for tests: HTTP or HTTPS on loopback, one thread for each connection, which answers
// as it is told, also badly.

#ifndef LIVECOUNTER_VERIFIER_TESTING_ENDPOINT_SERVER_H_
#define LIVECOUNTER_VERIFIER_TESTING_ENDPOINT_SERVER_H_

#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

struct ssl_ctx_st;

namespace livecounter::verifier {

class ServerConnection;

// A request as it came.
struct ServerRequest {
  std::string method;
  std::string path;
  absl::flat_hash_map<std::string, std::string> headers;  // names in lower case
  std::string body;
};

struct ServerReply {
  // What is sent: `raw` as it is, or a well-formed answer of the rest.
  int status = 200;
  std::string body = "";
  std::string headers = "";  // more of them, each with its line end
  std::string raw = "";
  absl::Duration delay = absl::ZeroDuration();    // before it is sent
  absl::Duration dribble = absl::ZeroDuration();  // between its bytes; zero: all at once
  bool reset = false;                             // the connection is reset, nothing is sent
  bool hang = false;                              // nothing is sent, until the server stops
};

class EndpointServer {
 public:
  struct Options {
    std::string certificate = {};  // PEM files; both empty: plain HTTP
    std::string key = {};
    bool ipv6 = false;  // on ::1 in place of 127.0.0.1
    // Before it answers a TLS handshake.
    absl::Duration handshake_delay = absl::ZeroDuration();
  };
  using Handler = std::function<ServerReply(const ServerRequest&)>;

  // Serves when it is made. `handler` is called on the connections' threads.
  EndpointServer(const Options& options, Handler handler);
  ~EndpointServer();
  EndpointServer(const EndpointServer&) = delete;
  EndpointServer& operator=(const EndpointServer&) = delete;

  int port() const { return port_; }
  // "http://127.0.0.1:1234/verify", or with https and another host; "" is the address it listens on.
  std::string Uri(const std::string& host = "") const;

  int requests() const { return requests_; }
  int connections() const { return connections_; }
  // The most requests that were there whole and not answered yet, at a time.
  int peak() const { return peak_; }

 private:
  friend class ServerConnection;

  void Accept();
  void Serve(int socket);
  ServerReply Handle(const ServerRequest& request);
  void Answered() { --unanswered_; }
  // Waits that long, or until the server stops; whether it does.
  bool StopsWithin(absl::Duration wait) ABSL_LOCKS_EXCLUDED(stop_mutex_);

  const Options options_;
  const Handler handler_;
  ssl_ctx_st* tls_ = nullptr;
  int listener_ = -1;
  int port_ = 0;
  absl::Mutex stop_mutex_;
  absl::CondVar stop_;
  bool stopping_ ABSL_GUARDED_BY(stop_mutex_) = false;
  std::atomic<int> requests_{0};
  std::atomic<int> connections_{0};
  std::atomic<int> unanswered_{0};
  std::atomic<int> peak_{0};
  absl::Mutex mutex_;
  absl::flat_hash_set<int> open_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::thread> threads_ ABSL_GUARDED_BY(mutex_);
  std::thread acceptor_;
};

// Answers as a good customer does: the value of pId decides. "w-invalid" and what begins with "bad" get 401,
// all others 200, both with `key`, after `delay`.
EndpointServer::Handler GoodCustomer(const std::string& key,
                                     absl::Duration delay = absl::ZeroDuration());

}  // namespace livecounter::verifier

#endif  // LIVECOUNTER_VERIFIER_TESTING_ENDPOINT_SERVER_H_
