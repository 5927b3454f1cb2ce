#include "gateway/console/message_codec.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "livecounter/v1/admin_service.pb.h"
#include "livecounter/v1/counter_service.pb.h"
#include "nlohmann/json.hpp"

namespace livecounter::gateway::console {
namespace {

using ::nlohmann::json;
using ::testing::HasSubstr;

template <typename Message>
absl::StatusOr<Message> FromJson(const std::string& text) {
  const absl::StatusOr<std::string> bytes =
      DecodeMessage(*Message::descriptor(), Encoding::kJson, text);
  if (!bytes.ok()) return bytes.status();
  Message message;
  EXPECT_TRUE(message.ParseFromString(*bytes));
  return message;
}

json ToJson(const google::protobuf::Message& message) {
  const absl::StatusOr<std::string> text =
      EncodeMessage(*message.GetDescriptor(), Encoding::kJson, message.SerializeAsString());
  EXPECT_TRUE(text.ok()) << text.status();
  return json::parse(text.ok() ? *text : "null");
}

TEST(MessageCodecTest, SixtyFourBitIntegersAreTextInJson) {
  v1::Counter counter;
  counter.set_hits(9'223'372'036'854'775'807);
  EXPECT_EQ(ToJson(counter)["hits"], "9223372036854775807");
  EXPECT_EQ(FromJson<v1::SetCounterRequest>(R"({"hits":"9007199254740993"})")->hits(),
            9'007'199'254'740'993);
  EXPECT_EQ(FromJson<v1::SetCounterRequest>(R"({"hits":12})")->hits(), 12);
}

TEST(MessageCodecTest, FieldsWithDefaultValuesArePrintedAndAbsentOnesAreNot) {
  const json counter = ToJson(v1::Counter());
  EXPECT_EQ(counter["present"], "0");
  EXPECT_EQ(counter["name"], "");
  EXPECT_FALSE(counter.contains("hits"));
  EXPECT_EQ(ToJson(v1::ListCountersResponse())["counters"], json::array());
  EXPECT_EQ(ToJson(v1::Account())["state"], "STATE_UNSPECIFIED");
}

TEST(MessageCodecTest, TimesDurationsAndMasksAreTextAndNamesAreInCamelCase) {
  const auto request = FromJson<v1::UpdateProductRequest>(
      R"({"product":{"minUpdateInterval":"0.250s","allowed_origins":["*"]},)"
      R"("updateMask":"minUpdateInterval,limits.maxConnections"})");
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->product().min_update_interval().nanos(), 250'000'000);
  EXPECT_EQ(request->product().allowed_origins(0), "*");
  ASSERT_EQ(request->update_mask().paths_size(), 2);
  EXPECT_EQ(request->update_mask().paths(1), "limits.max_connections");
  v1::Account account;
  account.mutable_create_time()->set_seconds(1'800'000'000);
  EXPECT_EQ(ToJson(account)["createTime"], "2027-01-15T08:00:00Z");
}

TEST(MessageCodecTest, WhatIsNoMessageIsRefusedWithAReason) {
  const auto refused = [](const std::string& text) {
    const absl::Status status = FromJson<v1::SetCounterRequest>(text).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << text;
    return std::string(status.message());
  };
  EXPECT_THAT(refused(R"({"validate_onyl":true})"), HasSubstr("validate_onyl"));
  EXPECT_THAT(refused(R"({"hits":"many"})"), HasSubstr("hits"));
  for (const char* text :
       {"", "[]", "3", "\"a\"", "{", "{}}", "{\"name\":1}", "{\"name\":\"\xff\"}"}) {
    EXPECT_THAT(refused(text), HasSubstr("livecounter.v1.SetCounterRequest")) << text;
  }
}

TEST(MessageCodecTest, DeepJsonIsRefused) {
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "{\"counter\":";
  EXPECT_FALSE(FromJson<v1::CreateCounterRequest>(deep).ok());
  EXPECT_FALSE(FromJson<v1::CreateCounterRequest>(std::string(100'000, '[')).ok());
}

TEST(MessageCodecTest, BinaryIsCheckedAndPassedOn) {
  v1::GetCounterRequest request;
  request.set_name("a");
  const std::string bytes = request.SerializeAsString();
  EXPECT_EQ(*DecodeMessage(*v1::GetCounterRequest::descriptor(), Encoding::kProto, bytes), bytes);
  EXPECT_EQ(*EncodeMessage(*v1::Counter::descriptor(), Encoding::kProto, bytes), bytes);
  EXPECT_EQ(DecodeMessage(*v1::GetCounterRequest::descriptor(), Encoding::kProto, "\x0a\x05")
                .status()
                .code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(MessageCodecTest, AnAnswerThatIsNoneIsAnInternalError) {
  EXPECT_EQ(EncodeMessage(*v1::Counter::descriptor(), Encoding::kJson, "\x0a\x05").status().code(),
            absl::StatusCode::kInternal);
}

}  // namespace
}  // namespace livecounter::gateway::console
