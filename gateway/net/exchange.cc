#include "gateway/net/exchange.h"

#include "gateway/wipe.h"

namespace livecounter::gateway::net {

HttpExchange::~HttpExchange() {
  if (connection_ != nullptr) connection_->AnswerNothing();
  Wipe(request_);
}

void HttpExchange::Respond(Response response) {
  Answerable* connection = std::exchange(connection_, nullptr);
  if (connection != nullptr) connection->Answer(std::move(response));
}

void HttpExchange::StartEventStream(std::vector<std::pair<std::string, std::string>> headers,
                                    std::string opening, std::unique_ptr<StreamHandler> handler) {
  Answerable* connection = std::exchange(connection_, nullptr);
  if (connection == nullptr) return;
  connection->AnswerWithStream(std::move(headers), std::move(opening), std::move(handler));
}

void HttpExchange::Abandon() {
  const std::function<void()> callback = std::exchange(abandoned_, nullptr);
  if (callback != nullptr) callback();
}

}  // namespace livecounter::gateway::net
