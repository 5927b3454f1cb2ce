// Changes by HTTP: one POST each, over a few connections that are kept. A counter has always the same one, so
// that its changes arrive in order; the next may be sent before the last is answered. A connection that the
// server closes is opened again.

#ifndef LIVECOUNTER_BENCH_LOAD_POST_CHANGES_H_
#define LIVECOUNTER_BENCH_LOAD_POST_CHANGES_H_

#include <netinet/in.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "bench/load/change_maker.h"

namespace livecounter::bench {

class PostChanges final : public ChangeMaker {
 public:
  struct Options {
    sockaddr_in target = {};
    std::string host;  // as the Host header names it
    std::string path;  // {counter} and {number} are replaced, here
    std::string body;  // and here
    int connections = 32;
    int unanswered = 8;  // at most, on one connection
  };

  explicit PostChanges(Options options);
  ~PostChanges() override;
  PostChanges(const PostChanges&) = delete;
  PostChanges& operator=(const PostChanges&) = delete;

  // Nothing to do: a server of this kind sends whatever number it is given.
  absl::Status Begin(int counters, int64_t base) override;
  bool Ready(int counter) override {
    return failure_.ok() && Of(counter).unanswered < options_.unanswered;
  }
  void Make(int counter, int64_t number) override;
  absl::Status Poll(int milliseconds) override;

 private:
  struct Connection {
    int fd = -1;
    int unanswered = 0;
    std::string answers;  // not yet taken
  };

  Connection& Of(int counter);
  absl::Status Connect(Connection& connection);
  void Receive(Connection& connection);
  void TakeAnswers(Connection& connection);
  void Close(Connection& connection);

  const Options options_;
  const int epoll_;
  std::vector<Connection> connections_;
  absl::Status failure_;
};

// The first of several HTTP answers.
struct Answer {
  size_t length = 0;    // with its body
  bool closes = false;  // the server says that it closes the connection
};

// Reads it from as much as has come of `answers`: nothing while it is not there whole. InvalidArgument
// when it does not say 2xx, or has a body without a Content-Length.
absl::StatusOr<absl::optional<Answer>> FirstAnswer(absl::string_view answers);

}  // namespace livecounter::bench

#endif  // LIVECOUNTER_BENCH_LOAD_POST_CHANGES_H_
