// The connections of one process of the load generator: opens them when it is allowed to, reads what
// comes, answers pings, and writes down what it saw. One thread, one epoll, no allocation per message.

#ifndef LIVECOUNTER_BENCH_LOAD_AUDIENCE_H_
#define LIVECOUNTER_BENCH_LOAD_AUDIENCE_H_

#include <netinet/in.h>

#include <cstdint>
#include <deque>
#include <string>

#include "absl/strings/string_view.h"
#include "bench/load/scanners.h"
#include "bench/load/scoreboard.h"

namespace livecounter::bench {

enum class Transport : uint8_t { kWebSocket, kEvents };

struct AudienceOptions {
  sockaddr_in target = {};
  Transport transport = Transport::kWebSocket;
  std::string host;  // as the Host header names it
  std::string path;  // {counter} and {connection} are replaced
  int counters = 1;  // connection i watches counter i modulo this
  int processes = 1;
  int process = 0;        // this one; it has every connection that is `process` modulo `processes`
  int64_t base = 0;       // the number before the first change; change k makes it base + k
  int max_opening = 128;  // handshakes on their way at a time, in this process
};

// Not thread-safe. `scoreboard` outlives it.
class Audience {
 public:
  // Dies (with a message on standard error) when the system gives it no epoll.
  Audience(AudienceOptions options, Scoreboard& scoreboard);
  ~Audience();
  Audience(const Audience&) = delete;
  Audience& operator=(const Audience&) = delete;

  // Until the scoreboard says stop. Its connections are then reset, which leaves no TIME_WAIT behind.
  void Run();

 private:
  enum class Phase : uint8_t { kConnecting, kHead, kOpen, kClosed };
  struct Connection {
    int64_t number = 0;  // among those of all processes
    int fd = -1;
    int counter = 0;
    int64_t begun = 0;  // nanoseconds
    int64_t seen = 0;   // the last change it had
    Phase phase = Phase::kConnecting;
    bool has_number = false;
    HeadScanner head;
    WebSocketScanner frames;
    EventScanner events;
  };
  struct Reader;  // takes what the scanners find

  void OpenAllowed();
  void Open(int64_t number);
  void OnReady(Connection& connection);
  void SendRequest(Connection& connection);
  void Receive(Connection& connection);
  // What of `bytes` follows the head; nothing while that is not over, or when it was a refusal.
  absl::string_view TakeHead(Connection& connection, absl::string_view bytes);
  void TakeNumbers(Connection& connection, absl::string_view bytes);
  void OnNumber(Connection& connection, int64_t number, int64_t now);
  void Close(Connection& connection);

  const AudienceOptions options_;
  Scoreboard& scoreboard_;
  Tally& tally_;
  const int epoll_;
  std::deque<Connection> connections_;  // epoll points into it
  int64_t next_;                        // number of the connection to be opened next
  int opening_ = 0;
};

// The monotonic clock, in nanoseconds.
int64_t MonotonicNanoseconds();

}  // namespace livecounter::bench

#endif  // LIVECOUNTER_BENCH_LOAD_AUDIENCE_H_
