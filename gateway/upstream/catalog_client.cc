#include "gateway/upstream/catalog_client.h"

#include <grpcpp/channel.h>

#include <algorithm>
#include <utility>

#include "livecounter/v1/edge_service.grpc.pb.h"
#include "services/runtime/bearer_token.h"
#include "services/runtime/grpc_status.h"

namespace livecounter::gateway {

// One call. Its events are posted to the client's thread, which frees it after the last one.
class CatalogClient::Stream final : public grpc::ClientReadReactor<v1::WatchCatalogResponse> {
 public:
  explicit Stream(CatalogClient& client)
      : client_(client), stub_(v1::EdgeService::NewStub(client.channel_)) {
    context_.AddMetadata("authorization", runtime::AuthorizationHeader(client.options_.token));
  }

  void Start() {
    stub_->async()->WatchCatalog(&context_, &request_, this);
    StartRead(&response_);
    StartCall();
  }

  void Cancel() { context_.TryCancel(); }

  void OnReadDone(bool ok) override {
    if (!ok) return;
    client_.thread_.Post(
        [&client = client_, response = std::move(response_)] { client.OnMessage(response); });
    response_.Clear();
    StartRead(&response_);
  }

  void OnDone(const grpc::Status& status) override {
    client_.thread_.Post(
        [&client = client_, status = runtime::FromGrpcStatus(status)] { client.OnDone(status); });
  }

 private:
  CatalogClient& client_;
  const std::unique_ptr<v1::EdgeService::Stub> stub_;
  grpc::ClientContext context_;
  const v1::WatchCatalogRequest request_;
  v1::WatchCatalogResponse response_;
};

CatalogClient::CatalogClient(Options options, std::shared_ptr<grpc::Channel> channel,
                             runtime::Clock& clock, runtime::Random& random,
                             const observability::Logger& logger)
    : options_(std::move(options)),
      channel_(std::move(channel)),
      clock_(clock),
      logger_(logger),
      builder_(options_.builder),
      backoff_(options_.backoff, [&random] { return random.Fraction(); }),
      lost_since_(clock.Now()),
      thread_(clock, [this](absl::Time now) { return Turn(now); }) {}

CatalogClient::~CatalogClient() { Stop(); }

void CatalogClient::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    if (stopped_) return;
  }
  thread_.Post([this] {
    stopping_ = true;
    if (stream_ != nullptr) stream_->Cancel();
  });
  mutex_.LockWhen(absl::Condition(&stopped_));
  mutex_.Unlock();
  thread_.Stop();
}

size_t CatalogClient::products() const {
  absl::MutexLock lock(&mutex_);
  return products_;
}

int64_t CatalogClient::changes() const {
  absl::MutexLock lock(&mutex_);
  return changes_;
}

absl::Time CatalogClient::LostSince() const {
  absl::MutexLock lock(&mutex_);
  return lost_since_;
}

bool CatalogClient::AwaitKnown(absl::Duration patience) const {
  absl::MutexLock lock(&mutex_);
  return mutex_.AwaitWithTimeout(absl::Condition(&is_known_), patience);
}

absl::Time CatalogClient::Turn(absl::Time now) {
  if (stream_ == nullptr && !stopping_ && now >= next_attempt_) {
    builder_.Restart();
    stream_ = std::make_unique<Stream>(*this);
    stream_->Start();
  }
  if (is_changed_ && now >= next_tell_) Tell(now);
  absl::MutexLock lock(&mutex_);
  stopped_ = stopping_ && stream_ == nullptr;
  return std::min(stream_ == nullptr ? next_attempt_ : absl::InfiniteFuture(),
                  is_changed_ ? next_tell_ : absl::InfiniteFuture());
}

void CatalogClient::OnMessage(const v1::WatchCatalogResponse& message) {
  const bool was_complete = builder_.is_complete();
  if (absl::Status status = builder_.Apply(message); !status.ok()) {
    logger_.Error("catalog_product_ignored", {{"status", status}});
  }
  {
    absl::MutexLock lock(&mutex_);
    changes_ += message.products_size() + message.removed_size();
    if (builder_.is_complete()) lost_since_ = absl::InfiniteFuture();
  }
  if (!builder_.is_complete()) return;
  is_changed_ = true;
  if (was_complete) return;
  backoff_.Reset();
  last_failure_ = absl::StatusCode::kOk;
  logger_.Info("catalog_received", {{"products", builder_.products()}});
}

void CatalogClient::Tell(absl::Time now) {
  inboxes_.Tell(builder_.Build());
  is_changed_ = false;
  next_tell_ = now + options_.interval;
  absl::MutexLock lock(&mutex_);
  is_known_ = true;
  products_ = builder_.products();
}

void CatalogClient::OnDone(const absl::Status& status) {
  stream_.reset();
  next_attempt_ = clock_.Now() + backoff_.Next();
  {
    absl::MutexLock lock(&mutex_);
    lost_since_ = std::min(lost_since_, clock_.Now());
  }
  if (stopping_ || status.code() == last_failure_) return;
  last_failure_ = status.code();
  logger_.Warning("catalog_lost", {{"status", status}});
}

}  // namespace livecounter::gateway
