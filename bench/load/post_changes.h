// Changes by HTTP: one POST each, over a few connections that are kept, with one request at a time on each.
// A counter has always the same one, so that its changes arrive in order.

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
  };

  explicit PostChanges(Options options);
  ~PostChanges() override;
  PostChanges(const PostChanges&) = delete;
  PostChanges& operator=(const PostChanges&) = delete;

  // Nothing to do: a server of this kind sends whatever number it is given.
  absl::Status Begin(int counters, int64_t base) override;
  bool Ready(int counter) override { return failure_.ok() && !Of(counter).is_asked; }
  void Make(int counter, int64_t number) override;
  absl::Status Poll(int milliseconds) override;

 private:
  struct Connection {
    int fd = -1;
    bool is_asked = false;
    std::string answer;  // as far as it has come
  };

  Connection& Of(int counter);
  absl::Status Connect(Connection& connection);
  void Receive(Connection& connection);
  void Close(Connection& connection);

  const Options options_;
  const int epoll_;
  std::vector<Connection> connections_;
  absl::Status failure_;
};

// How long `answer` is, an HTTP answer as far as it has come, with a Content-Length or without a body; 0
// while its head is not over. InvalidArgument when it does not say 2xx or has a body without a length.
absl::StatusOr<size_t> AnswerLength(absl::string_view answer);

}  // namespace livecounter::bench

#endif  // LIVECOUNTER_BENCH_LOAD_POST_CHANGES_H_
