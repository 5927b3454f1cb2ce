#include "gateway/net/http_connection.h"

#include <algorithm>

#include "absl/types/variant.h"
#include "gateway/net/event_stream.h"
#include "gateway/net/lingering_close.h"
#include "gateway/net/socket_io.h"
#include "gateway/net/web_socket.h"
#include "gateway/wipe.h"

namespace livecounter::gateway::net {
namespace {

// Read ahead of the answer at hand, mostly to see the client go; more waits in the kernel.
constexpr size_t kMaxReadAhead = kMaxHead;

HeadRules RulesOf(const TransportLimits& limits) {
  return {.max_body = limits.body, .more_headers = limits.more_headers};
}

constexpr absl::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace

void HttpConnection::Start(const Serving& serving, FileDescriptor socket, const SocketAddress& peer,
                           std::shared_ptr<const FileDescriptor> wire) {
  HttpConnection& connection = serving.residents.Add(
      std::make_unique<HttpConnection>(serving, std::move(socket), peer, std::move(wire)));
  connection.watcher_.Watch(EV_READ);
  serving.loop.Arm(connection.deadline_, serving.limits.request);
  connection.Read();
}

HttpConnection::HttpConnection(const Serving& serving, FileDescriptor socket,
                               const SocketAddress& peer,
                               std::shared_ptr<const FileDescriptor> wire)
    : serving_(serving),
      socket_(std::move(socket)),
      peer_(peer),
      wire_(std::move(wire)),
      watcher_(serving.loop, socket_.get(), this),
      deadline_(this) {}

void HttpConnection::OnReady(int events) {
  if ((events & EV_READ) != 0) Read();
  if ((events & EV_WRITE) != 0 && state_ == State::kWriting) Flush();
}

void HttpConnection::Read() {
  const Loop::Scratch scratch = serving_.loop.scratch();
  const IoResult result = ReceiveSome(socket_.get(), scratch);
  switch (result.outcome) {
    case IoResult::Outcome::kWouldBlock:
      return;
    case IoResult::Outcome::kFailed:
      return Drop();
    case IoResult::Outcome::kClosed:
      return EndOfInput();
    case IoResult::Outcome::kDone:
      input_.append(scratch.data, result.bytes);
      Wipe(scratch.data, result.bytes);
      break;
  }
  if (state_ == State::kReadingHead || state_ == State::kReadingBody) {
    Proceed();
  } else if (input_.size() > kMaxReadAhead) {
    watcher_.Watch(watcher_.events() & ~EV_READ);
  }
}

void HttpConnection::EndOfInput() {
  if (input_.empty() && state_ != State::kAwaitingAnswer) return Drop();
  input_ended_ = true;
  watcher_.Watch(watcher_.events() & ~EV_READ);
  if (state_ == State::kAwaitingAnswer) return exchange_->Abandon();
  Proceed();
}

void HttpConnection::Proceed() {
  if (state_ == State::kReadingHead) ReadHead();
  if (state_ == State::kReadingBody) ReadBody();
}

void HttpConnection::ReadHead() {
  const absl::variant<size_t, Refusal> found = FindHeadEnd(input_);
  if (const auto* refusal = absl::get_if<Refusal>(&found)) return Refuse(*refusal);
  const size_t size = absl::get<size_t>(found);
  if (!request_begun_ && !input_.empty()) {
    request_begun_ = true;
    serving_.loop.Arm(deadline_, serving_.limits.request);
  }
  if (size == 0) {
    if (input_ended_) Drop();
    return;
  }
  absl::variant<RequestHead, Refusal> parsed =
      ParseRequestHead(absl::string_view(input_).substr(0, size), RulesOf(serving_.limits));
  DropFront(size);
  if (const auto* refusal = absl::get_if<Refusal>(&parsed)) return Refuse(*refusal);
  TakeHead(absl::get<RequestHead>(std::move(parsed)));
}

// What moves to the front leaves a copy behind it.
void HttpConnection::DropFront(size_t size) {
  const size_t before = input_.size();
  input_.erase(0, size);
  const size_t left = input_.size();
  input_.resize(before);  // within the capacity
  Wipe(&input_[left], before - left);
  input_.resize(left);
}

void HttpConnection::TakeHead(RequestHead head) {
  head_ = std::move(head);
  head_.request.peer_address = peer_.HostToString();
  is_head_request_ = head_.request.method == "HEAD";
  closes_after_answer_ = !head_.keep_alive;
  if (head_.refusal.has_value()) {
    const Refusal refusal = *std::move(head_.refusal);
    return Refuse(refusal);
  }
  if (head_.wants_web_socket && serving_.handler.HasWebSocket(head_.request)) return Upgrade();
  state_ = State::kReadingBody;
  body_left_ = head_.body_size;
  if (head_.is_chunked) chunks_ = std::make_unique<ChunkedBody>(serving_.limits.body);
  const bool has_come = head_.is_chunked ? !input_.empty() : input_.size() >= body_left_;
  const bool client_waits = head_.expects_continue && !has_come;
  // Best effort: a client that is not told goes on by itself after a moment.
  if (client_waits) SendSome(socket_.get(), kContinue);
}

void HttpConnection::ReadBody() {
  const absl::variant<bool, Refusal> taken = TakeBody();
  if (const auto* refusal = absl::get_if<Refusal>(&taken)) return Refuse(*refusal);
  if (absl::get<bool>(taken)) return HandOver();
  if (input_ended_) Drop();
}

absl::variant<bool, Refusal> HttpConnection::TakeBody() {
  if (chunks_ != nullptr) return chunks_->Read(input_, head_.request.body);
  const size_t used = std::min(body_left_, input_.size());
  if (serving_.limits.keeps_bodies) head_.request.body.append(input_, 0, used);
  DropFront(used);
  body_left_ -= used;
  return body_left_ == 0;
}

void HttpConnection::HandOver() {
  state_ = State::kAwaitingAnswer;
  if (chunks_ != nullptr && !serving_.limits.keeps_bodies) head_.request.body = std::string();
  chunks_.reset();
  serving_.loop.Disarm(deadline_);
  auto exchange =
      std::make_unique<HttpExchange>(std::move(head_.request), static_cast<Answerable*>(this));
  exchange_ = exchange.get();
  serving_.handler.OnRequest(std::move(exchange));
}

void HttpConnection::Upgrade() {
  if (const absl::optional<Refusal> refusal = CheckHandshake(head_)) return Refuse(*refusal);
  absl::variant<Response, std::unique_ptr<StreamHandler>> decision =
      serving_.handler.OnUpgrade(head_.request);
  if (auto* refusal = absl::get_if<Response>(&decision)) {
    closes_after_answer_ = true;
    return Answer(std::move(*refusal));
  }
  WebSocket::Handshake handshake;
  handshake.key = std::string(head_.request.header("sec-websocket-key").value_or(""));
  handshake.early_bytes = std::move(input_);
  watcher_.Watch(EV_NONE);
  SetSendBuffer(wire(), serving_.limits.stream_send_buffer);
  FileDescriptor socket = std::move(socket_);
  Leave();
  WebSocket::Start(serving_, std::move(socket), handshake,
                   absl::get<std::unique_ptr<StreamHandler>>(std::move(decision)));
}

void HttpConnection::Refuse(const Refusal& refusal) {
  Response response = ToResponse(refusal);
  serving_.handler.OnRefused(head_.request, response);
  closes_after_answer_ = true;
  Answer(std::move(response));
}

void HttpConnection::Answer(Response response) {
  exchange_ = nullptr;
  Write(EncodeResponse(response, persistence(), is_head_request_, serving_.loop.date()));
}

Persistence HttpConnection::persistence() const {
  if (is_last_answer()) return Persistence::kClose;
  return head_.is_http_1_0 ? Persistence::kExplicitKeepAlive : Persistence::kKeepAlive;
}

void HttpConnection::AnswerWithStream(std::vector<std::pair<std::string, std::string>> headers,
                                      std::string opening, std::unique_ptr<StreamHandler> handler) {
  exchange_ = nullptr;
  std::string beginning = EncodeEventStreamHead(headers, serving_.loop.date());
  if (is_head_request_) {
    closes_after_answer_ = true;
    return Write(std::move(beginning));
  }
  beginning += opening;
  watcher_.Watch(EV_NONE);
  SetSendBuffer(wire(), serving_.limits.stream_send_buffer);
  SetUnacknowledgedTimeout(wire(), serving_.limits.unacknowledged);
  if (serving_.limits.probe > absl::ZeroDuration()) SetProbe(wire(), serving_.limits.probe);
  FileDescriptor socket = std::move(socket_);
  Leave();
  EventStream::Start(serving_, std::move(socket), std::move(beginning), std::move(handler));
}

void HttpConnection::AnswerNothing() {
  exchange_ = nullptr;
  if (input_ended_) return Drop();
  Answer(ToResponse({500, "the request was dropped; try again"}));
}

void HttpConnection::Write(std::string bytes) {
  state_ = State::kWriting;
  output_ = std::move(bytes);
  written_ = 0;
  serving_.loop.Arm(deadline_, serving_.limits.unwritable);
  Flush();
}

void HttpConnection::Flush() {
  const IoResult result = SendSome(socket_.get(), absl::string_view(output_).substr(written_));
  if (result.outcome == IoResult::Outcome::kFailed) return Drop();
  written_ += result.bytes;
  if (written_ == output_.size()) return FinishAnswer();
  if (result.bytes != 0) serving_.loop.Arm(deadline_, serving_.limits.unwritable);
  watcher_.Watch(EV_WRITE);
}

void HttpConnection::FinishAnswer() {
  if (is_last_answer()) return CloseGently();
  output_ = std::string();
  Wipe(head_.request);
  head_ = RequestHead();
  is_head_request_ = false;
  state_ = State::kReadingHead;
  request_begun_ = false;
  serving_.loop.Arm(deadline_, serving_.limits.keep_alive);
  watcher_.Watch(input_ended_ ? EV_NONE : EV_READ);
  if (input_.empty()) {
    input_ = std::string();
  } else {
    // Pipelined. Others have their turn first.
    serving_.loop.Defer([this] { Proceed(); });
  }
}

void HttpConnection::OnDeadline(Deadline& /*deadline*/) {
  const bool is_reading = state_ == State::kReadingBody || !input_.empty();
  if (state_ != State::kWriting && is_reading) {
    return Refuse({408, "the request was not complete in time"});
  }
  if (state_ == State::kWriting) AbortOnClose(socket_.get());
  Drop();
}

void HttpConnection::CloseGently() {
  watcher_.Watch(EV_NONE);
  LingeringClose::Start(serving_, std::move(socket_));
  Leave();
}

void HttpConnection::Drop() {
  Evict();
  Leave();
}

void HttpConnection::Leave() {
  state_ = State::kClosed;
  Wipe(head_.request);
  Wipe(input_);
  serving_.loop.Disarm(deadline_);
  serving_.residents.Remove(*this);
}

void HttpConnection::Evict() {
  state_ = State::kClosed;
  watcher_.Watch(EV_NONE);
  socket_.Reset();
  HttpExchange* exchange = std::exchange(exchange_, nullptr);
  if (exchange == nullptr) return;
  exchange->Detach();
  exchange->Abandon();
}

}  // namespace livecounter::gateway::net
