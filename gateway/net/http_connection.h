// One HTTP/1.x connection (RFC 9112): reads requests one after the other, hands them to the
// RequestHandler, writes the answers. The next request is not looked at before the answer is out, so
// clients may pipeline, and end their side behind the last one. Ends as an event stream, as a WebSocket, or
// closed. The loop's thread only.

#ifndef LIVECOUNTER_GATEWAY_NET_HTTP_CONNECTION_H_
#define LIVECOUNTER_GATEWAY_NET_HTTP_CONNECTION_H_

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/variant.h"
#include "gateway/net/chunked_body.h"
#include "gateway/net/exchange.h"
#include "gateway/net/file_descriptor.h"
#include "gateway/net/loop.h"
#include "gateway/net/refusal.h"
#include "gateway/net/request_head.h"
#include "gateway/net/residents.h"
#include "gateway/net/response_encoder.h"
#include "gateway/net/serving.h"
#include "gateway/net/socket_address.h"

namespace livecounter::gateway::net {

class HttpConnection final : public Resident, private Answerable, private Deadline::Owner {
 public:
  // Makes one of a new `socket`, lets it live among the residents and serves what has arrived. Where that
  // is a tunnel's, `wire` is the client's own.
  static void Start(const Serving& serving, FileDescriptor socket, const SocketAddress& peer,
                    std::shared_ptr<const FileDescriptor> wire = nullptr);

  HttpConnection(const Serving& serving, FileDescriptor socket, const SocketAddress& peer,
                 std::shared_ptr<const FileDescriptor> wire);
  void Evict() override;

 private:
  enum class State {
    kReadingHead,
    kReadingBody,
    kAwaitingAnswer,  // exchange_ is with the handler
    kWriting,
    kClosed,
  };

  void OnReady(int events);
  void OnDeadline(Deadline& deadline) override;

  void Read();
  void EndOfInput();
  // Goes on with what has been read, up to the end of one request.
  void Proceed();
  void ReadHead();
  void TakeHead(RequestHead head);
  void DropFront(size_t size);
  void ReadBody();
  // Moves what has arrived of the body to where it is kept. Whether it is whole, or what refuses it.
  absl::variant<bool, Refusal> TakeBody();
  void HandOver();
  void Upgrade();

  void Answer(Response response) override;
  void AnswerWithStream(std::vector<std::pair<std::string, std::string>> headers,
                        std::string opening, std::unique_ptr<StreamHandler> handler) override;
  void AnswerNothing() override;
  void Refuse(const Refusal& refusal);
  void Write(std::string bytes);
  void Flush();
  void FinishAnswer();
  // Whether the answer at hand is the last.
  bool is_last_answer() const { return closes_after_answer_ || (input_ended_ && input_.empty()); }
  Persistence persistence() const;
  // The socket on the way to the client, which options of TCP belong on.
  int wire() const { return wire_ == nullptr ? socket_.get() : wire_->get(); }

  void CloseGently();
  void Drop();
  void Leave();

  const Serving& serving_;
  FileDescriptor socket_;
  const SocketAddress peer_;
  const std::shared_ptr<const FileDescriptor> wire_;
  IoWatcher<HttpConnection, &HttpConnection::OnReady> watcher_;
  Deadline deadline_;  // what for is the state's
  State state_ = State::kReadingHead;
  bool request_begun_ = true;  // a new connection has the time of one request
  bool input_ended_ = false;   // input_ is all that comes
  bool closes_after_answer_ = false;
  std::string input_;  // received and not yet used
  RequestHead head_;   // of the request at hand; the request itself moves to the exchange
  bool is_head_request_ = false;
  size_t body_left_ = 0;
  std::unique_ptr<ChunkedBody> chunks_;  // while a body in chunks is read
  HttpExchange* exchange_ = nullptr;     // the handler's; in kAwaitingAnswer only
  std::string output_;
  size_t written_ = 0;  // of output_
};

}  // namespace livecounter::gateway::net

#endif  // LIVECOUNTER_GATEWAY_NET_HTTP_CONNECTION_H_
