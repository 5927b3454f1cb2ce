// A gateway for tests, over plain HTTP: says whether it is ready, and shows each event stream of /sub how many
// there are of its page.

#ifndef LIVECOUNTER_CLI_FAKE_GATEWAY_H_
#define LIVECOUNTER_CLI_FAKE_GATEWAY_H_

#include <atomic>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"

namespace livecounter::cli {

class FakeGateway {
 public:
  // Listens on a free port of loopback; one request a connection.
  FakeGateway();
  ~FakeGateway();
  FakeGateway(const FakeGateway&) = delete;
  FakeGateway& operator=(const FakeGateway&) = delete;

  const std::string& address() const { return address_; }

  // What /readyz says; ready at first.
  void SetReady(bool ready) { ready_ = ready; }
  // The next `count` streams are answered with 401 instead.
  void RefuseStreams(int count) { refusals_ = count; }

  // The paths with their queries, as they came.
  std::vector<std::string> targets() const;

 private:
  void Serve();
  void Answer(int client);
  void OpenStream(const std::string& page, int client);

  std::atomic<bool> ready_ = true;
  std::atomic<int> refusals_ = 0;
  mutable absl::Mutex mutex_;
  std::vector<std::string> targets_ ABSL_GUARDED_BY(mutex_);

  int listener_ = -1;
  std::string address_;
  std::map<std::string, std::vector<int>> streams_;  // of each page; the thread's
  std::thread thread_;
};

}  // namespace livecounter::cli

#endif  // LIVECOUNTER_CLI_FAKE_GATEWAY_H_
