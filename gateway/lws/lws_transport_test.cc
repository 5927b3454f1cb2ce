#include "gateway/lws/lws_transport.h"

#include <memory>
#include <string>
#include <utility>

#include "gateway/lws/testing/client.h"
#include "gateway/lws/testing/harness.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter::gateway::net {
namespace {

TEST(LwsTransportTest, AnswersARequest) {
  Harness harness;
  Client client(harness.port());
  client.Send(HttpRequest("GET", "/counters/2/"));
  const Answer answer = client.ReadAnswer();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "GET /counters/2/");
}

TEST(LwsTransportTest, OpensAWebSocketThatSendsAndCloses) {
  Harness harness;
  harness.stream.on_open = [](Connection& connection) { connection.Send(EncodeText("26")); };
  WebSocketClient client(harness.port());
  EXPECT_EQ(client.Upgrade("/sub").status, 101);
  const Frame frame = client.ReadFrame();
  EXPECT_EQ(frame.opcode, kText);
  EXPECT_EQ(frame.payload, "26");
  client.SendCloseFrame(1001);
  EXPECT_EQ(client.ReadFrame().code(), 1001);
  EXPECT_TRUE(client.AtEnd());
  EXPECT_TRUE(harness.log.WaitFor("closed 1001"));
}

TEST(LwsTransportTest, StreamsEvents) {
  EventLog log;
  Script script;
  script.on_request = [&log](std::unique_ptr<Exchange> exchange) {
    StreamActions actions;
    actions.on_open = [](Connection& connection) { connection.Send("data: 26\n\n"); };
    exchange->StartEventStream({{"cache-control", "no-store"}}, "retry: 1000\n\n",
                               std::make_unique<RecordingStream>(log, std::move(actions)));
  };
  Harness harness(std::move(script));
  Client client(harness.port());
  client.Send(HttpRequest("GET", "/counters/2/"));
  const Answer head = ParseAnswerHead(client.ReadUntil("\r\n\r\n"));
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.headers.at("content-type"), "text/event-stream");
  EXPECT_EQ(client.ReadUntil("\n\n"), "retry: 1000\n\n");
  EXPECT_EQ(client.ReadUntil("\n\n"), "data: 26\n\n");
  client.Close();
  EXPECT_TRUE(log.WaitFor("closed"));
}

}  // namespace
}  // namespace livecounter::gateway::net
