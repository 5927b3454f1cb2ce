#include "tests/integration/counterd_fixture.h"

#include <grpcpp/create_channel.h>

#include <chrono>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/runtime/bearer_token.h"
#include "services/runtime/grpc_client.h"
#include "services/runtime/grpc_status.h"
#include "wire/holder_frame.h"
#include "wire/names.h"
#include "wire/receiver_frame.h"

namespace livecounter::integration {

CounterId Counter(absl::string_view id) { return {std::string(kProduct), std::string(id)}; }

std::string Name(absl::string_view id) { return wire::CounterName(Counter(id)); }

GatewayPeer::GatewayPeer(const std::shared_ptr<grpc::Channel>& channel, absl::string_view token)
    : stub_(v1::EdgeService::NewStub(channel)) {
  context_.AddMetadata("authorization", runtime::AuthorizationHeader(token));
  stream_ = stub_->Attach(&context_);
}

GatewayPeer::~GatewayPeer() {
  if (ended_) return;
  context_.TryCancel();
  End().IgnoreError();
}

bool GatewayPeer::Send(const HolderFrame& frame) {
  v1::AttachRequest request;
  wire::EncodeHolderFrame(frame, &request);
  return SendRaw(request);
}

absl::optional<ReceiverFrame> GatewayPeer::Receive() {
  v1::AttachResponse response;
  while (stream_->Read(&response)) {
    absl::StatusOr<ReceiverFrame> frame = wire::DecodeReceiverFrame(response);
    EXPECT_TRUE(frame.ok()) << frame.status();
    if (frame.ok() && !frame->empty()) return *std::move(frame);
  }
  return absl::nullopt;
}

absl::optional<Welcome> GatewayPeer::Attach(HolderId holder, uint64_t stream,
                                            uint64_t highest_epoch) {
  HolderFrame hello;
  hello.hello = Hello{holder, stream, highest_epoch};
  Send(hello);
  const absl::optional<ReceiverFrame> frame = Receive();
  return frame ? frame->welcome : absl::nullopt;
}

void GatewayPeer::Resend(const CounterId& counter, int present, absl::optional<int64_t> floor) {
  HolderFrame frame;
  frame.resend_begin = true;
  frame.watch = {{counter, floor}};
  std::vector<PresenceHash> hashes;
  for (int i = 0; i < present; ++i) hashes.push_back({1, static_cast<uint64_t>(i)});
  if (present > 0) frame.presence = {{counter, hashes, {}}};
  frame.resend_end = true;
  Send(frame);
}

HitAnswer GatewayPeer::Hit(const HitBatch& batch) {
  HolderFrame frame;
  frame.hits = {batch};
  Send(frame);
  while (const absl::optional<ReceiverFrame> received = Receive()) {
    if (!received->hit_answers.empty()) return received->hit_answers[0];
  }
  ADD_FAILURE() << "the stream ended before the answer";
  return {};
}

Change GatewayPeer::AwaitPresent(const CounterId& counter, int64_t present) {
  while (const absl::optional<ReceiverFrame> frame = Receive()) {
    for (const Change& change : frame->changes) {
      if (change.counter == counter && change.present == present) return change;
    }
  }
  ADD_FAILURE() << "the stream ended before " << present << " were present";
  return {};
}

absl::Status GatewayPeer::End() {
  ended_ = true;
  v1::AttachResponse response;
  while (stream_->Read(&response)) {
  }
  return runtime::FromGrpcStatus(stream_->Finish());
}

counterd::Options CounterdTest::DefaultOptions() const {
  counterd::Options options;
  options.data_dir = directory_.Path("data");
  options.durability = counter::Durability::kAsync;  // these tests do not cut the power
  options.grpc_listen = {.host = "127.0.0.1", .port = 0};
  options.edge_listen = {.host = "127.0.0.1", .port = 0};
  options.admin_token = std::string(kAdminToken);
  options.edge_token = std::string(kEdgeToken);
  options.password_cost = admin::Passwords::kLeast;
  return options;
}

void CounterdTest::Start() {
  health_ = std::make_unique<runtime::Health>();
  registry_ = std::make_unique<prometheus::Registry>();
  auto counterd = counterd::Counterd::Start(
      options_, {clock_, random_, logger_, *health_, *registry_, verifier_});
  ASSERT_TRUE(counterd.ok()) << counterd.status();
  counterd_ = *std::move(counterd);
  options_.grpc_listen = *runtime::ParseListenAddress(counterd_->grpc_address());
  options_.edge_listen = *runtime::ParseListenAddress(counterd_->edge_address());
  if (has_product_ && !options_.demo) CreateProduct();
}

void CounterdTest::CreateProduct() {
  const auto stub = AdminStub();
  v1::CreateAccountRequest account;
  account.set_account_id("demo");
  v1::Account created_account;
  const grpc::Status first = stub->CreateAccount(Context().get(), account, &created_account);
  if (first.error_code() == grpc::StatusCode::ALREADY_EXISTS) return;
  ASSERT_TRUE(first.ok()) << first.error_message();
  v1::CreateProductRequest product;
  product.set_parent(created_account.name());
  product.set_product_id("demo");
  v1::Product created_product;
  const grpc::Status second = stub->CreateProduct(Context().get(), product, &created_product);
  ASSERT_TRUE(second.ok()) << second.error_message();
  ASSERT_EQ(created_product.name(), kProduct);
}

std::shared_ptr<grpc::Channel> CounterdTest::EdgeChannel(Path path) {
  if (path == Path::kInProcess) return counterd_->EdgeChannel();
  return *runtime::MakeGrpcChannel({.target = options_.edge_listen.ToString()});
}

std::shared_ptr<grpc::Channel> CounterdTest::CounterChannel() {
  return *runtime::MakeGrpcChannel({.target = options_.grpc_listen.ToString()});
}

std::unique_ptr<v1::CounterService::Stub> CounterdTest::CounterStub() {
  return v1::CounterService::NewStub(CounterChannel());
}

std::unique_ptr<v1::AdminService::Stub> CounterdTest::AdminStub() {
  return v1::AdminService::NewStub(CounterChannel());
}

std::unique_ptr<grpc::ClientContext> CounterdTest::Context(absl::string_view token) {
  auto context = std::make_unique<grpc::ClientContext>();
  if (!token.empty()) context->AddMetadata("authorization", runtime::AuthorizationHeader(token));
  context->set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
  return context;
}

void CounterdTest::Create(absl::string_view id, int64_t hits) {
  v1::CreateCounterRequest request;
  request.set_parent(std::string(kProduct));
  request.set_counter_id(std::string(id));
  request.mutable_counter()->set_hits(hits);
  v1::Counter response;
  const grpc::Status status = CounterStub()->CreateCounter(Context().get(), request, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
}

v1::Counter CounterdTest::Get(absl::string_view id) {
  v1::GetCounterRequest request;
  request.set_name(Name(id));
  v1::Counter response;
  const grpc::Status status = CounterStub()->GetCounter(Context().get(), request, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  return response;
}

}  // namespace livecounter::integration
