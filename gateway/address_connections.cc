#include "gateway/address_connections.h"

#include "absl/strings/string_view.h"

namespace livecounter::gateway {
namespace {

// Passes everything on: a stream need not know that its place is counted.
class PlacedStream final : public StreamHandler {
 public:
  PlacedStream(std::unique_ptr<StreamHandler> stream, AddressConnections::Place place)
      : place_(std::move(place)), stream_(std::move(stream)) {}

  void OnOpen(Connection& connection) override { stream_->OnOpen(connection); }
  void OnWritable(Connection& connection) override { stream_->OnWritable(connection); }
  void OnMessage(Connection& connection, absl::string_view payload, bool is_final) override {
    stream_->OnMessage(connection, payload, is_final);
  }
  void OnClosed(Connection& connection, absl::optional<uint16_t> client_code) override {
    stream_->OnClosed(connection, client_code);
  }

 private:
  const AddressConnections::Place place_;
  const std::unique_ptr<StreamHandler> stream_;
};

}  // namespace

absl::optional<AddressConnections::Place> AddressConnections::Take(
    const runtime::IpAddress& address, absl::string_view scope, int64_t max) {
  if (max == 0) return Place();
  const Key key(address.Site(), std::string(scope));
  absl::MutexLock lock(&mutex_);
  Entry& entry = entries_.try_emplace(key, Entry{*this, key}).first->second;
  if (entry.open >= max) return absl::nullopt;
  ++entry.open;
  return Place(entry);
}

size_t AddressConnections::addresses() const {
  absl::MutexLock lock(&mutex_);
  return entries_.size();
}

void AddressConnections::GiveBack(Entry& entry) {
  absl::MutexLock lock(&mutex_);
  if (--entry.open > 0) return;
  const Key key = entry.key;  // the entry goes while it is being erased
  entries_.erase(key);
}

std::unique_ptr<StreamHandler> HoldPlace(std::unique_ptr<StreamHandler> stream,
                                         AddressConnections::Place place) {
  if (!place.is_limited()) return stream;
  return std::make_unique<PlacedStream>(std::move(stream), std::move(place));
}

}  // namespace livecounter::gateway
