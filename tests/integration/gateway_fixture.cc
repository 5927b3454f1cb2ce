#include "tests/integration/gateway_fixture.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/runtime/flag_types.h"

namespace livecounter::integration {
namespace {

using gateway::net::Answer;
using gateway::net::Client;
using gateway::net::Frame;

gateway::EdgeCounterClient::Options ClientOptions() {
  gateway::EdgeCounterClient::Options options;
  options.token = std::string(kEdgeToken);
  return options;
}

// For the products to come, where there is a counterd already.
constexpr absl::Duration kPatience = absl::Seconds(2);

absl::optional<int64_t> NumberOf(const Answer& answer) {
  int64_t number;
  if (answer.status != 200 || !absl::SimpleAtoi(answer.body, &number)) return absl::nullopt;
  return number;
}

}  // namespace

RunningGateway::RunningGateway(const std::shared_ptr<grpc::Channel>& channel,
                               gateway::Gateway::Options options, runtime::Clock& clock,
                               runtime::Random& random, const observability::Logger& logger)
    : metrics_(registry_),
      client_(ClientOptions(), channel, clock, random, logger),
      catalog_({.token = std::string(kEdgeToken), .builder = {.public_key = "demo"}}, channel,
               clock, random, logger) {
  auto gateway =
      gateway::Gateway::Start(options, {client_, catalog_, metrics_, logger, clock, random});
  EXPECT_TRUE(gateway.ok()) << gateway.status();
  gateway_ = *std::move(gateway);
  catalog_.AwaitKnown(kPatience);
  port_ = runtime::ParseListenAddress(gateway_->address())->port;
}

Answer RunningGateway::Request(absl::string_view method, absl::string_view target,
                               absl::string_view headers) const {
  Client client(port_);
  client.Send(gateway::net::HttpRequest(method, target, headers));
  return client.ReadAnswer(/*is_head=*/method == "HEAD");
}

absl::optional<int64_t> RunningGateway::Get(absl::string_view id) const {
  return NumberOf(Request("GET", absl::StrCat("/counters/", id, "/")));
}

absl::optional<int64_t> RunningGateway::Post(absl::string_view id,
                                             absl::string_view headers) const {
  return NumberOf(Request("POST", absl::StrCat("/counters/", id, "/"),
                          absl::StrCat("Content-Length: 0\r\n", headers)));
}

Viewer::Viewer(const RunningGateway& gateway, absl::string_view presence_id, bool contributes,
               absl::string_view url_id)
    : client_(gateway.port()) {
  const Answer answer = client_.Upgrade(absl::StrCat(
      "/sub?key=demo&urlId=", url_id, "&pId=", presence_id, "&i=", contributes ? "t" : "f"));
  EXPECT_EQ(answer.status, 101) << answer.body;
}

std::vector<std::string> Viewer::ReadUntil(int64_t number) {
  const std::string wanted = absl::StrCat(number);
  std::vector<std::string> seen;
  while (true) {
    const Frame frame = client_.ReadFrame();
    if (frame.opcode == -1 || frame.opcode == gateway::net::kCloseOpcode) return seen;
    if (frame.opcode != gateway::net::kText) continue;
    seen.push_back(frame.payload);
    if (frame.payload == wanted) return seen;
  }
}

bool Viewer::Shows(int64_t number) {
  const std::vector<std::string> seen = ReadUntil(number);
  return !seen.empty() && seen.back() == absl::StrCat(number);
}

absl::optional<uint16_t> Viewer::ReadToClose(std::vector<std::string>* numbers) {
  while (true) {
    const Frame frame = client_.ReadFrame();
    if (frame.opcode == -1) return absl::nullopt;
    if (frame.opcode == gateway::net::kCloseOpcode) return frame.code();
    if (frame.opcode == gateway::net::kText && numbers != nullptr) {
      numbers->push_back(frame.payload);
    }
  }
}

void Viewer::Leave() {
  client_.SendCloseFrame(1001);
  ReadToClose();
  client_.Close();
}

std::vector<int64_t> Numbers(const std::vector<std::string>& texts) {
  std::vector<int64_t> numbers;
  for (const std::string& text : texts) {
    int64_t number = -1;
    EXPECT_TRUE(absl::SimpleAtoi(text, &number)) << text;
    numbers.push_back(number);
  }
  return numbers;
}

std::unique_ptr<RunningGateway> GatewayIntegrationTest::StartGateway() {
  return std::make_unique<RunningGateway>(EdgeChannel(), gateway_options_, clock_, random_,
                                          logger_);
}

}  // namespace livecounter::integration
