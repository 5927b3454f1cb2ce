#include "wire/holder_frame.h"

#include <algorithm>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "wire/field.h"

namespace livecounter::wire {
namespace {

constexpr size_t kHashBytes = 16;
constexpr size_t kMaxKeyBytes = 255;
constexpr absl::Duration kMaxLinger = absl::Hours(24);

size_t Entries(const v1::AttachRequest& message) {
  size_t entries = message.watch_size() + message.unwatch_size() + message.hits_size() +
                   message.keyed_hits_size() + message.connections_size() +
                   message.usage().entries_size() +
                   message.inherited_usage().batch().entries_size();
  for (const v1::Presence& presence : message.presence()) {
    entries +=
        std::max<size_t>(1, (presence.joined().size() + presence.left().size()) / kHashBytes);
  }
  return entries;
}

absl::Status CheckShape(const v1::AttachRequest& message) {
  const size_t entries = Entries(message);
  if (entries > kMaxFrameEntries) {
    return absl::InvalidArgumentError(absl::StrCat(
        "frame: got ", entries, " hashes, watches, hits and products; it takes at most ",
        kMaxFrameEntries, ", and the rest in the next frame"));
  }
  const bool more_than_hello = entries > 0 || message.resend_begin() || message.resend_end() ||
                               message.has_audit() || message.has_detach() || message.has_usage() ||
                               message.has_inherited_usage();
  if (message.has_hello() && more_than_hello) {
    return absl::InvalidArgumentError(
        "hello: got other fields beside it; it takes a frame of its own");
  }
  if (message.has_usage() && message.has_inherited_usage()) {
    return absl::InvalidArgumentError(
        "inherited_usage: got usage beside it; it takes a frame without");
  }
  return absl::OkStatus();
}

void ReadHello(const Field& field, const v1::Hello& from, Hello* to) {
  field["holder"].ReadId(from.holder(), &to->holder);
  to->stream = field["stream"].AtLeastOne(from.stream());
  to->highest_epoch = field["highest_epoch"].Epoch(from.highest_epoch());
}

void ReadCounter(const Field& field, const v1::CounterKey& from, CounterId* to) {
  field.ReadCounter(from, to);
}

void ReadWatch(const Field& field, const v1::Watch& from, WatchStart* to) {
  field["counter"].ReadCounter(from.counter(), &to->counter);
  if (from.has_floor()) to->floor = field["floor"].AtLeast(0, from.floor());
}

void ReadPresence(const Field& field, const v1::Presence& from, PresenceDelta* to) {
  if (from.joined().empty() && from.left().empty()) field.Wrong("no hash", "one or more");
  field["counter"].ReadCounter(from.counter(), &to->counter);
  field["joined"].ReadHashes(from.joined(), &to->joined);
  field["left"].ReadHashes(from.left(), &to->left);
}

void ReadHits(const Field& field, const v1::HitBatch& from, HitBatch* to) {
  field["sender"].ReadId(from.sender(), &to->sender);
  field["counter"].ReadCounter(from.counter(), &to->counter);
  to->number = field["number"].AtLeastOne(from.number());
  to->count = field["count"].AtLeast(1, from.count());
  to->create = from.create();
  to->product_life = from.product_life();
}

void ReadKeyedHit(const Field& field, const v1::KeyedHit& from, KeyedHitRequest* to) {
  to->ticket = from.ticket();
  field["counter"].ReadCounter(from.counter(), &to->hit.counter);
  if (from.key().empty() || from.key().size() > kMaxKeyBytes) {
    field["key"].Wrong(absl::StrCat(from.key().size(), " bytes"), "1 to 255 bytes");
  }
  to->hit.key = from.key();
  to->hit.count = field["count"].AtLeast(1, from.count());
  to->hit.create = from.create();
  to->hit.product_life = from.product_life();
}

void ReadConnections(const Field& field, const v1::ProductConnections& from,
                     ProductConnections* to) {
  field.ReadConnections(from, to);
}

void ReadUsageEntry(const Field& field, const v1::UsageBatch::Entry& from, UsageEntry* to) {
  field["product"].ReadProduct(from.product(), &to->product);
  to->hour = field["hour"].Hour(from.hour());
  to->connections = field["connections"].AtLeast(1, from.connections());
}

void ReadUsage(const Field& field, const v1::UsageBatch& from, UsageBatch* to) {
  to->number = field["number"].AtLeastOne(from.number());
  if (from.entries().empty()) field["entries"].Wrong("none", "one or more");
  field["entries"].ReadAll(from.entries(), &to->entries, ReadUsageEntry);
}

void ReadInheritedUsage(const Field& field, const v1::InheritedUsage& from, UsageBatch* to) {
  field["holder"].ReadId(from.holder(), &to->holder.emplace());
  ReadUsage(field["batch"], from.batch(), to);
}

void EncodeHello(const Hello& from, v1::Hello* to) {
  to->set_holder(from.holder.ToBytes());
  to->set_stream(from.stream);
  to->set_highest_epoch(from.highest_epoch);
}

void EncodeWatch(const WatchStart& from, v1::Watch* to) {
  EncodeCounter(from.counter, to->mutable_counter());
  if (from.floor) to->set_floor(*from.floor);
}

void EncodePresence(const PresenceDelta& from, v1::Presence* to) {
  EncodeCounter(from.counter, to->mutable_counter());
  EncodeHashes(from.joined, to->mutable_joined());
  EncodeHashes(from.left, to->mutable_left());
}

void EncodeHits(const HitBatch& from, v1::HitBatch* to) {
  to->set_sender(from.sender.ToBytes());
  EncodeCounter(from.counter, to->mutable_counter());
  to->set_number(from.number);
  to->set_count(from.count);
  to->set_create(from.create);
  to->set_product_life(from.product_life);
}

void EncodeKeyedHit(const KeyedHitRequest& from, v1::KeyedHit* to) {
  to->set_ticket(from.ticket);
  EncodeCounter(from.hit.counter, to->mutable_counter());
  to->set_key(from.hit.key);
  to->set_count(from.hit.count);
  to->set_create(from.hit.create);
  to->set_product_life(from.hit.product_life);
}

void EncodeUsage(const UsageBatch& from, v1::UsageBatch* to) {
  to->set_number(from.number);
  for (const UsageEntry& entry : from.entries) {
    v1::UsageBatch::Entry* encoded = to->add_entries();
    encoded->set_product(entry.product);
    encoded->set_hour(entry.hour);
    encoded->set_connections(entry.connections);
  }
}

// Precondition: it has a holder.
void EncodeInheritedUsage(const UsageBatch& from, v1::InheritedUsage* to) {
  to->set_holder(from.holder->ToBytes());
  EncodeUsage(from, to->mutable_batch());
}

void EncodeDigest(const ShareDigest& from, v1::ShareDigest* to) {
  to->set_high(from.high);
  to->set_low(from.low);
  to->set_entries(from.entries);
}

}  // namespace

absl::StatusOr<HolderFrame> DecodeHolderFrame(const v1::AttachRequest& message) {
  absl::Status status = CheckShape(message);
  if (!status.ok()) return status;
  HolderFrame frame;
  if (message.has_hello()) {
    ReadHello(Field(&status, "hello"), message.hello(), &frame.hello.emplace());
  }
  frame.resend_begin = message.resend_begin();
  Field(&status, "watch").ReadAll(message.watch(), &frame.watch, ReadWatch);
  Field(&status, "unwatch").ReadAll(message.unwatch(), &frame.unwatch, ReadCounter);
  Field(&status, "presence").ReadAll(message.presence(), &frame.presence, ReadPresence);
  frame.resend_end = message.resend_end();
  Field(&status, "hits").ReadAll(message.hits(), &frame.hits, ReadHits);
  Field(&status, "keyed_hits").ReadAll(message.keyed_hits(), &frame.keyed_hits, ReadKeyedHit);
  if (message.has_audit()) {
    const v1::ShareDigest& audit = message.audit();
    frame.audit = ShareDigest{audit.high(), audit.low(), audit.entries()};
  }
  if (message.has_detach()) {
    frame.detach = Field(&status, "detach.linger")
                       .Duration(absl::ZeroDuration(), kMaxLinger, message.detach().linger());
  }
  Field(&status, "connections").ReadAll(message.connections(), &frame.connections, ReadConnections);
  if (message.has_usage()) {
    ReadUsage(Field(&status, "usage"), message.usage(), &frame.usage.emplace());
  }
  if (message.has_inherited_usage()) {
    ReadInheritedUsage(Field(&status, "inherited_usage"), message.inherited_usage(),
                       &frame.usage.emplace());
  }
  if (!status.ok()) return status;
  return frame;
}

void EncodeHolderFrame(const HolderFrame& frame, v1::AttachRequest* message) {
  if (frame.hello) EncodeHello(*frame.hello, message->mutable_hello());
  message->set_resend_begin(frame.resend_begin);
  for (const WatchStart& watch : frame.watch) EncodeWatch(watch, message->add_watch());
  for (const CounterId& counter : frame.unwatch) EncodeCounter(counter, message->add_unwatch());
  for (const PresenceDelta& delta : frame.presence) EncodePresence(delta, message->add_presence());
  message->set_resend_end(frame.resend_end);
  for (const HitBatch& batch : frame.hits) EncodeHits(batch, message->add_hits());
  for (const KeyedHitRequest& hit : frame.keyed_hits) {
    EncodeKeyedHit(hit, message->add_keyed_hits());
  }
  if (frame.audit) EncodeDigest(*frame.audit, message->mutable_audit());
  if (frame.detach) EncodeDuration(*frame.detach, message->mutable_detach()->mutable_linger());
  for (const ProductConnections& connections : frame.connections) {
    EncodeConnections(connections, message->add_connections());
  }
  if (frame.usage && frame.usage->holder) {
    EncodeInheritedUsage(*frame.usage, message->mutable_inherited_usage());
  } else if (frame.usage) {
    EncodeUsage(*frame.usage, message->mutable_usage());
  }
}

}  // namespace livecounter::wire
