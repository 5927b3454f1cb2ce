#include "gateway/net/tls_tunnel.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <array>
#include <utility>

#include "absl/types/optional.h"
#include "gateway/net/descriptor_budget.h"
#include "gateway/net/http_connection.h"
#include "gateway/net/lingering_close.h"
#include "gateway/net/tls_failure.h"

namespace livecounter::gateway::net {
namespace {

using observability::TlsHandshakeResult;
using Outcome = IoResult::Outcome;

// What is carried at once, and so the most that waits on either way.
constexpr size_t kPiece = 4096;

struct Pair {
  FileDescriptor ours;
  FileDescriptor gateways;
};

// Nothing when that would leave too few descriptors to the rest of the process.
absl::optional<Pair> OpenPair(const TransportLimits& limits) {
  std::array<int, 2> ends;
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return absl::nullopt;
  }
  Pair pair = {FileDescriptor(ends[0]), FileDescriptor(ends[1])};
  const int end_of_descriptors = EndOfDescriptors(limits.spare_descriptors);
  if (ends[0] >= end_of_descriptors || ends[1] >= end_of_descriptors) return absl::nullopt;
  for (const int end : ends) SetSendBuffer(end, limits.stream_send_buffer);
  return pair;
}

}  // namespace

void TlsTunnel::Start(const Serving& serving, TlsServerContext& context, TlsHandshakes& handshakes,
                      FileDescriptor socket, const SocketAddress& peer) {
  TlsSession session = context.NewSession();
  if (session == nullptr || SSL_set_fd(session.get(), socket.get()) != 1) return;
  TlsTunnel& tunnel = serving.residents.Add(std::make_unique<TlsTunnel>(
      serving, handshakes, std::move(session), std::move(socket), peer));
  tunnel.client_watcher_.Watch(EV_READ);
  serving.loop.Arm(tunnel.deadline_, serving.limits.request);
}

TlsTunnel::TlsTunnel(const Serving& serving, TlsHandshakes& handshakes, TlsSession session,
                     FileDescriptor socket, const SocketAddress& peer)
    : serving_(serving),
      handshakes_(handshakes),
      peer_(peer),
      client_(std::make_shared<FileDescriptor>(std::move(socket))),
      session_(std::move(session)),
      client_watcher_(serving.loop, client_->get(), this),
      deadline_(this) {}

void TlsTunnel::OnClientReady(int /*events*/) {
  if (state_ == State::kShakingHands) {
    client_watcher_.Watch(EV_NONE);
    return handshakes_.Add(*this);
  }
  if (state_ == State::kFinishing) return Finish();
  Carry();
}

void TlsTunnel::OnGatewayReady(int /*events*/) { Carry(); }

void TlsTunnel::OnDeadline(Deadline& /*deadline*/) {
  if (state_ == State::kShakingHands) serving_.on_handshake(TlsHandshakeResult::kTimeout);
  AbortOnClose(client_->get());
  Drop();
}

void TlsTunnel::ShakeHands() {
  ERR_clear_error();
  const int result = SSL_accept(session_.get());
  if (result == 1) return Open();
  const int error = SSL_get_error(session_.get(), result);
  switch (error) {
    case SSL_ERROR_WANT_READ:
      return client_watcher_.Watch(EV_READ);
    case SSL_ERROR_WANT_WRITE:
      return client_watcher_.Watch(EV_WRITE);
    default:
      serving_.on_handshake(TlsFailure(error, ERR_peek_error()));
      // The client is to read the alert that says why.
      LingeringClose::Start(serving_, std::move(*client_));
      return Leave();
  }
}

void TlsTunnel::Open() {
  serving_.on_handshake(TlsHandshakeResult::kOk);
  absl::optional<Pair> pair = OpenPair(serving_.limits);
  if (!pair.has_value()) return Drop();
  state_ = State::kOpen;
  serving_.loop.Disarm(deadline_);
  gateway_ = std::move(pair->ours);
  gateway_watcher_ = std::make_unique<GatewayWatcher>(serving_.loop, gateway_.get(), this);
  HttpConnection::Start(serving_, std::move(pair->gateways), peer_, client_);
  Carry();  // what came with the end of the handshake
}

void TlsTunnel::Carry() {
  CarryIn();
  if (state_ == State::kOpen) CarryOut();
  if (state_ == State::kOpen) Wait();
}

void TlsTunnel::CarryIn() {
  if (!waiting_in_.empty() && !GiveToGateway(std::exchange(waiting_in_, std::string()))) return;
  const Loop::Scratch scratch = serving_.loop.scratch();
  while (!input_ended_) {
    const IoResult result = ReceiveFromClient({scratch.data, kPiece});
    switch (result.outcome) {
      case Outcome::kWouldBlock:
        return;
      case Outcome::kFailed:
        return Drop();
      case Outcome::kClosed:
        input_ended_ = true;
        shutdown(gateway_.get(), SHUT_WR);
        return;
      case Outcome::kDone:
        if (!GiveToGateway({scratch.data, result.bytes})) return;
    }
  }
}

IoResult TlsTunnel::ReceiveFromClient(const Loop::Scratch& scratch) {
  input_needs_output_ = false;
  ERR_clear_error();
  size_t received = 0;
  const int result = SSL_read_ex(session_.get(), scratch.data, scratch.size, &received);
  if (result == 1) return {Outcome::kDone, received};
  switch (SSL_get_error(session_.get(), result)) {
    case SSL_ERROR_WANT_WRITE:
      input_needs_output_ = true;
      return {Outcome::kWouldBlock};
    case SSL_ERROR_WANT_READ:
      return {Outcome::kWouldBlock};
    case SSL_ERROR_ZERO_RETURN:
      return {Outcome::kClosed};
    default:
      return {Outcome::kFailed};
  }
}

bool TlsTunnel::GiveToGateway(absl::string_view bytes) {
  while (!bytes.empty()) {
    const IoResult result = SendSome(gateway_.get(), bytes);
    if (result.outcome == Outcome::kFailed) {
      // It has closed its end. What it sent before that still goes to the client.
      input_ended_ = true;
      return true;
    }
    bytes.remove_prefix(result.bytes);
    if (result.outcome == Outcome::kWouldBlock) {
      waiting_in_ = std::string(bytes);
      return false;
    }
  }
  return true;
}

void TlsTunnel::CarryOut() {
  if (!waiting_out_.empty() && !GiveToClient(std::exchange(waiting_out_, std::string()))) return;
  const Loop::Scratch scratch = serving_.loop.scratch();
  for (;;) {
    const IoResult result = ReceiveSome(gateway_.get(), {scratch.data, kPiece});
    if (result.outcome == Outcome::kWouldBlock) return;
    if (result.outcome != Outcome::kDone) return Finish();
    if (!GiveToClient({scratch.data, result.bytes})) return;
  }
}

bool TlsTunnel::GiveToClient(absl::string_view bytes) {
  while (!bytes.empty()) {
    ERR_clear_error();
    size_t sent = 0;
    const int result = SSL_write_ex(session_.get(), bytes.data(), bytes.size(), &sent);
    if (result == 1) {
      bytes.remove_prefix(sent);
    } else if (SSL_get_error(session_.get(), result) == SSL_ERROR_WANT_WRITE) {
      waiting_out_ = std::string(bytes);
      return false;
    } else {
      Drop();
      return false;
    }
  }
  return true;
}

void TlsTunnel::Wait() {
  const bool takes_input = waiting_in_.empty() && !input_ended_;
  const bool waits_for_client = !waiting_out_.empty() || input_needs_output_;
  client_watcher_.Watch((takes_input ? EV_READ : EV_NONE) |
                        (waits_for_client ? EV_WRITE : EV_NONE));
  gateway_watcher_->Watch((waiting_out_.empty() ? EV_READ : EV_NONE) |
                          (waiting_in_.empty() ? EV_NONE : EV_WRITE));
  if (waits_for_client) {
    WatchClientTakes();
  } else {
    serving_.loop.Disarm(deadline_);
  }
}

// A client that takes a byte now and then, less than a record, is not given up.
void TlsTunnel::WatchClientTakes() {
  const uint64_t sent = BIO_number_written(SSL_get_wbio(session_.get()));
  if (deadline_.armed() && sent == sent_) return;
  sent_ = sent;
  serving_.loop.Arm(deadline_, serving_.limits.unwritable);
}

void TlsTunnel::Finish() {
  state_ = State::kFinishing;
  gateway_watcher_.reset();
  gateway_.Reset();
  ERR_clear_error();
  const int result = SSL_shutdown(session_.get());
  if (result < 0 && SSL_get_error(session_.get(), result) == SSL_ERROR_WANT_WRITE) {
    client_watcher_.Watch(EV_WRITE);
    return WatchClientTakes();
  }
  client_watcher_.Watch(EV_NONE);
  LingeringClose::Start(serving_, std::move(*client_));
  Leave();
}

void TlsTunnel::Drop() {
  client_watcher_.Watch(EV_NONE);
  client_->Reset();
  Leave();
}

void TlsTunnel::Leave() {
  state_ = State::kEnded;
  Unlink();
  gateway_watcher_.reset();
  gateway_.Reset();
  serving_.loop.Disarm(deadline_);
  serving_.residents.Remove(*this);
}

}  // namespace livecounter::gateway::net
