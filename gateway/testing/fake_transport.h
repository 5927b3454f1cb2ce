// The transport seam (gateway/transport.h) without sockets: time stands still until a test moves it, and a
// FakeClient is what the other side of one request sees and does.

#ifndef LIVECOUNTER_GATEWAY_TESTING_FAKE_TRANSPORT_H_
#define LIVECOUNTER_GATEWAY_TESTING_FAKE_TRANSPORT_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "gateway/transport.h"

namespace livecounter::gateway {

// Runs on the test's thread when it is told to; Post() may be called from any thread.
class FakeLoop final : public EventLoop {
 public:
  absl::Time Now() const override { return now_; }
  void Post(std::function<void()> task) override;
  void SetTimer(absl::Time deadline, std::function<void()> callback) override;

  // Runs the tasks that are there now. What they post is for the next turn. False: there were none.
  bool RunTurn();
  // Runs turns, and the timer where it is due, until there is nothing more to do at this time.
  void Settle();
  // Moves the time, stopping wherever the timer is due.
  void Advance(absl::Duration step);

 private:
  absl::Time now_ = absl::FromUnixSeconds(1'700'000'000);
  absl::Time deadline_ = absl::InfiniteFuture();
  std::function<void()> on_deadline_;
  absl::Mutex mutex_;
  std::vector<std::function<void()>> tasks_ ABSL_GUARDED_BY(mutex_);
};

// One client and its one request.
class FakeClient final : public Connection, public std::enable_shared_from_this<FakeClient> {
 public:
  FakeClient(FakeLoop& loop, Kind kind) : loop_(loop), kind_(kind) {}

  // --- What it has seen. ---

  // The whole answer, if there was one; of an upgrade, the refusal.
  const absl::optional<Response>& response() const { return response_; }
  // The value of a header of the answer or of the event stream's head, or "".
  std::string header(absl::string_view name) const;
  // It is, or was, a stream.
  bool opened() const { return opened_; }
  const std::string& opening() const { return opening_; }
  // Frames since the last call, as they were sent, WebSocket headers taken off.
  std::vector<std::string> TakeFrames();
  int pings() const { return pings_; }
  // How the gateway closed the stream, if it did.
  const absl::optional<CloseReason>& close_reason() const { return close_reason_; }

  // --- What it does. ---

  // Its socket is full from now on.
  void StopReading() { reads_ = false; }
  void StartReading();
  void SendMessage(absl::string_view payload);
  // It goes before it has an answer.
  void Abandon();
  // It goes; a WebSocket client may say a close code before.
  void Disconnect(absl::optional<uint16_t> code = absl::nullopt);

  // --- Connection, for the gateway. ---

  Kind kind() const override { return kind_; }
  bool Send(absl::string_view frame) override;
  void Ping() override { ++pings_; }
  void Close(const CloseReason& reason) override;

 private:
  friend class FakeTransport;
  friend class FakeExchange;

  void Answer(Response response) { response_ = std::move(response); }
  void Open(std::unique_ptr<StreamHandler> handler);

  FakeLoop& loop_;
  std::function<void()> on_abandoned_;
  const Kind kind_;
  absl::optional<Response> response_;
  std::vector<std::pair<std::string, std::string>> stream_headers_;
  std::string opening_;
  bool opened_ = false;
  std::unique_ptr<StreamHandler> handler_;
  std::vector<std::string> frames_;
  int pings_ = 0;
  absl::optional<CloseReason> close_reason_;
  bool reads_ = true;
  bool is_behind_ = false;
};

// Makes requests of a RequestHandler. Clients are disconnected by their test, or live as long as the
// transport.
class FakeTransport {
 public:
  // Both outlive the transport.
  FakeTransport(FakeLoop& loop, RequestHandler& handler) : loop_(loop), handler_(handler) {}
  ~FakeTransport();

  std::shared_ptr<FakeClient> Send(Request request);
  std::shared_ptr<FakeClient> Upgrade(const Request& request);

 private:
  FakeLoop& loop_;
  RequestHandler& handler_;
  std::vector<std::shared_ptr<FakeClient>> clients_;
};

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_TESTING_FAKE_TRANSPORT_H_
