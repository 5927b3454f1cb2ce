// A request on its way to an answer: the handler's side of an HttpConnection. The loop's thread only.

#ifndef LIVECOUNTER_GATEWAY_NET_EXCHANGE_H_
#define LIVECOUNTER_GATEWAY_NET_EXCHANGE_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gateway/transport.h"

namespace livecounter::gateway::net {

// Where the answer goes. Exactly one of these is called, unless Detach() came before.
class Answerable {
 public:
  virtual void Answer(Response response) = 0;
  virtual void AnswerWithStream(std::vector<std::pair<std::string, std::string>> headers,
                                std::string opening, std::unique_ptr<StreamHandler> handler) = 0;
  // The exchange was destroyed without an answer.
  virtual void AnswerNothing() = 0;

 protected:
  ~Answerable() = default;
};

class HttpExchange final : public Exchange {
 public:
  HttpExchange(Request request, Answerable* connection)
      : request_(std::move(request)), connection_(connection) {}
  // Wipes the request (gateway/wipe.h).
  ~HttpExchange() override;

  const Request& request() const override { return request_; }
  void Respond(Response response) override;
  void StartEventStream(std::vector<std::pair<std::string, std::string>> headers,
                        std::string opening, std::unique_ptr<StreamHandler> handler) override;
  void OnAbandoned(std::function<void()> callback) override { abandoned_ = std::move(callback); }

  // The client is gone, or sends no more: calls the callback, which may destroy the exchange.
  void Abandon();
  // The socket is gone: answers go nowhere from now on.
  void Detach() { connection_ = nullptr; }

 private:
  Request request_;
  Answerable* connection_;  // null once answered or detached
  std::function<void()> abandoned_;
};

}  // namespace livecounter::gateway::net

#endif  // LIVECOUNTER_GATEWAY_NET_EXCHANGE_H_
