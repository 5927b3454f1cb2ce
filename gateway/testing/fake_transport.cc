#include "gateway/testing/fake_transport.h"

#include <algorithm>
#include <utility>

#include "absl/types/variant.h"

namespace livecounter::gateway {

void FakeLoop::Post(std::function<void()> task) {
  absl::MutexLock lock(&mutex_);
  tasks_.push_back(std::move(task));
}

void FakeLoop::SetTimer(absl::Time deadline, std::function<void()> callback) {
  deadline_ = deadline;
  on_deadline_ = std::move(callback);
}

bool FakeLoop::RunTurn() {
  std::vector<std::function<void()>> tasks;
  {
    absl::MutexLock lock(&mutex_);
    tasks.swap(tasks_);
  }
  for (const auto& task : tasks) task();
  return !tasks.empty();
}

void FakeLoop::Settle() {
  while (true) {
    if (RunTurn()) continue;
    if (deadline_ > now_) return;
    deadline_ = absl::InfiniteFuture();
    std::exchange(on_deadline_, nullptr)();
  }
}

void FakeLoop::Advance(absl::Duration step) {
  const absl::Time end = now_ + step;
  Settle();
  while (deadline_ <= end) {
    now_ = std::max(now_, deadline_);
    Settle();
  }
  now_ = end;
}

std::string FakeClient::header(absl::string_view name) const {
  for (const auto& [key, value] : response_ ? response_->headers : stream_headers_) {
    if (key == name) return value;
  }
  return "";
}

std::vector<std::string> FakeClient::TakeFrames() {
  std::vector<std::string> frames = std::exchange(frames_, {});
  if (kind_ == Kind::kWebSocket) {
    for (std::string& frame : frames) frame.erase(0, 2);  // texts here are shorter than 126 bytes
  }
  return frames;
}

void FakeClient::StartReading() {
  reads_ = true;
  if (!is_behind_) return;
  is_behind_ = false;
  loop_.Post([self = shared_from_this()] {
    if (self->handler_ != nullptr) self->handler_->OnWritable(*self);
  });
}

void FakeClient::SendMessage(absl::string_view payload) {
  if (handler_ != nullptr && !close_reason_) handler_->OnMessage(*this, payload, true);
}

void FakeClient::Abandon() {
  const std::function<void()> callback = std::exchange(on_abandoned_, nullptr);
  if (callback != nullptr) callback();
}

void FakeClient::Disconnect(absl::optional<uint16_t> code) {
  if (handler_ == nullptr) return;
  handler_->OnClosed(*this, code);
  handler_.reset();
}

bool FakeClient::Send(absl::string_view frame) {
  if (close_reason_) return true;
  if (!reads_) {
    is_behind_ = true;
    return false;
  }
  frames_.emplace_back(frame);
  return true;
}

void FakeClient::Close(const CloseReason& reason) {
  if (close_reason_) return;
  close_reason_ = reason;
  if (kind_ == Kind::kEventStream && !reason.last_event.empty()) {
    frames_.push_back(reason.last_event);
  }
  // A WebSocket client answers a close with the same code.
  loop_.Post([self = shared_from_this()] {
    self->Disconnect(self->kind_ == Kind::kWebSocket
                         ? absl::optional<uint16_t>(self->close_reason_->code)
                         : absl::nullopt);
  });
}

void FakeClient::Open(std::unique_ptr<StreamHandler> handler) {
  opened_ = true;
  handler_ = std::move(handler);
  handler_->OnOpen(*this);
}

// Answers its client.
class FakeExchange final : public Exchange {
 public:
  FakeExchange(Request request, std::shared_ptr<FakeClient> client)
      : request_(std::move(request)), client_(std::move(client)) {}

  const Request& request() const override { return request_; }

  void Respond(Response response) override {
    if (request_.method == "HEAD") response.body.clear();
    client_->Answer(std::move(response));
  }

  void StartEventStream(std::vector<std::pair<std::string, std::string>> headers,
                        std::string opening, std::unique_ptr<StreamHandler> handler) override {
    // The first one counts.
    headers.emplace_back("content-type", "text/event-stream");
    if (request_.method == "HEAD") {
      client_->Answer({.status = 200, .headers = std::move(headers), .body = ""});
      return;
    }
    client_->stream_headers_ = std::move(headers);
    client_->opening_ = std::move(opening);
    client_->Open(std::move(handler));
  }

  void OnAbandoned(std::function<void()> callback) override {
    client_->on_abandoned_ = std::move(callback);
  }

 private:
  const Request request_;
  const std::shared_ptr<FakeClient> client_;
};

FakeTransport::~FakeTransport() {
  for (const auto& client : clients_) client->Disconnect();
}

std::shared_ptr<FakeClient> FakeTransport::Send(Request request) {
  auto client = std::make_shared<FakeClient>(loop_, Connection::Kind::kEventStream);
  clients_.push_back(client);
  handler_.OnRequest(std::make_unique<FakeExchange>(std::move(request), client));
  return client;
}

std::shared_ptr<FakeClient> FakeTransport::Upgrade(const Request& request) {
  if (!handler_.HasWebSocket(request)) return Send(request);
  auto client = std::make_shared<FakeClient>(loop_, Connection::Kind::kWebSocket);
  clients_.push_back(client);
  auto decision = handler_.OnUpgrade(request);
  if (auto* refusal = absl::get_if<Response>(&decision)) {
    client->Answer(std::move(*refusal));
  } else {
    client->Open(absl::get<std::unique_ptr<StreamHandler>>(std::move(decision)));
  }
  return client;
}

}  // namespace livecounter::gateway
