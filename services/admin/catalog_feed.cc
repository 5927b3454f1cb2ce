#include "services/admin/catalog_feed.h"

#include <utility>

#include "absl/container/btree_set.h"
#include "absl/status/status.h"
#include "services/runtime/grpc_status.h"

namespace livecounter::admin {
namespace {

// Of one message; gRPC takes 4 MiB, and one product is at most 64 KiB with its keys beside it.
constexpr size_t kMaxMessageBytes = size_t{1} << 20;

}  // namespace

// One gateway's call. Used on the loop only; what gRPC reports is posted there. Freed by the loop after
// OnDone().
class CatalogFeed::Stream final : public grpc::ServerWriteReactor<v1::WatchCatalogResponse> {
 public:
  explicit Stream(CatalogFeed& feed) : feed_(feed) {}

  // The product is to be sent, as it will be then.
  void MarkChanged(const std::string& product) { changed_.insert(product); }
  // The call is to end, once the write under way has.
  void End(absl::Status status) {
    if (end_.ok()) end_ = std::move(status);
  }
  void OnWritten() { writing_ = false; }

  // Writes or ends what is to be written or ended, unless a write is under way.
  void Flush(const Catalog& catalog) {
    if (writing_ || finished_) return;
    if (!end_.ok()) {
      finished_ = true;
      Finish(runtime::ToGrpcStatus(end_));
    } else if (!changed_.empty() || !complete_) {
      Fill(catalog);
      writing_ = true;
      StartWrite(&response_);
    }
  }

  // --- gRPC's reactions, on its threads. ---

  void OnWriteDone(bool /*ok*/) override {
    feed_.loop_.Post([this] { OnWritten(); });
  }
  void OnCancel() override {
    feed_.loop_.Post([this] { End(absl::CancelledError("the caller ended the call")); });
  }
  void OnDone() override {
    feed_.loop_.Post([this] { feed_.Close(*this); });
  }

 private:
  void Fill(const Catalog& catalog) {
    response_.Clear();
    size_t bytes = 0;
    while (!changed_.empty() && bytes < kMaxMessageBytes) {
      const auto name = changed_.begin();
      if (absl::optional<v1::EdgeProduct> product = catalog.FindEdgeProduct(*name)) {
        bytes += product->ByteSizeLong();
        *response_.add_products() = *std::move(product);
      } else {
        bytes += name->size();
        response_.add_removed(*name);
      }
      changed_.erase(name);
    }
    if (!changed_.empty() || complete_) return;
    complete_ = true;
    response_.set_complete(true);
  }

  CatalogFeed& feed_;
  v1::WatchCatalogResponse response_;
  absl::btree_set<std::string> changed_;
  absl::Status end_;  // OK: not yet
  bool writing_ = false;
  bool complete_ = false;
  bool finished_ = false;
};

CatalogFeed::CatalogFeed(Catalog& catalog, runtime::Clock& clock)
    : catalog_(catalog), loop_(clock, [this](absl::Time) { return Flush(); }) {
  catalog.SetListener([this](const std::vector<std::string>& products) {
    loop_.Post([this, products] { OnChanged(products); });
  });
}

CatalogFeed::~CatalogFeed() { loop_.Stop(); }

grpc::ServerWriteReactor<v1::WatchCatalogResponse>* CatalogFeed::Start() {
  auto stream = std::make_unique<Stream>(*this);
  Stream* const reactor = stream.get();
  loop_.Post([this, stream = std::move(stream)]() mutable { Open(std::move(stream)); });
  return reactor;
}

void CatalogFeed::Drain() {
  loop_.Post([this] {
    draining_ = true;
    for (auto& [key, stream] : streams_) {
      stream->End(absl::UnavailableError("the counter service stops"));
    }
  });
}

void CatalogFeed::Open(std::unique_ptr<Stream> stream) {
  Stream& opened = *stream;
  streams_.emplace(&opened, std::move(stream));
  watchers_.store(streams_.size());
  if (draining_) return opened.End(absl::UnavailableError("the counter service stops"));
  for (const std::string& product : catalog_.ProductNames()) opened.MarkChanged(product);
}

void CatalogFeed::Close(const Stream& stream) {
  streams_.erase(&stream);
  watchers_.store(streams_.size());
}

void CatalogFeed::OnChanged(const std::vector<std::string>& products) {
  changes_.fetch_add(static_cast<int64_t>(products.size()));
  for (auto& [key, stream] : streams_) {
    for (const std::string& product : products) stream->MarkChanged(product);
  }
}

absl::Time CatalogFeed::Flush() {
  for (auto& [key, stream] : streams_) stream->Flush(catalog_);
  return absl::InfiniteFuture();
}

}  // namespace livecounter::admin
