#include "wire/field.h"

#include <limits>

#include "absl/strings/string_view.h"
#include "core/usage_log.h"
#include "wire/names.h"

namespace livecounter::wire {
namespace {

constexpr size_t kIdBytes = 16;

// What google/protobuf/duration.proto and timestamp.proto allow.
constexpr int64_t kMaxDurationSeconds = 315'576'000'000;
constexpr int64_t kMinTimestampSeconds = -62'135'596'800;
constexpr int64_t kMaxTimestampSeconds = 253'402'300'799;
constexpr int32_t kNanosPerSecond = 1'000'000'000;

bool IsDuration(const google::protobuf::Duration& d) {
  return d.seconds() >= -kMaxDurationSeconds && d.seconds() <= kMaxDurationSeconds &&
         d.nanos() > -kNanosPerSecond && d.nanos() < kNanosPerSecond &&
         (d.seconds() == 0 || d.nanos() == 0 || (d.seconds() < 0) == (d.nanos() < 0));
}

bool IsTimestamp(const google::protobuf::Timestamp& t) {
  return t.seconds() >= kMinTimestampSeconds && t.seconds() <= kMaxTimestampSeconds &&
         t.nanos() >= 0 && t.nanos() < kNanosPerSecond;
}

// Either of the two types of google.protobuf.
template <typename T>
std::string SecondsAndNanos(const T& from) {
  return absl::StrCat(from.seconds(), " s and ", from.nanos(), " ns");
}

}  // namespace

std::string Field::path() const {
  if (parent_ == nullptr) return std::string(name_);
  if (index_ != kNoIndex) return absl::StrCat(parent_->path(), "[", index_, "]");
  return absl::StrCat(parent_->path(), ".", name_);
}

void Field::Wrong(absl::string_view got, absl::string_view takes) const {
  if (!status_->ok()) return;
  *status_ = absl::InvalidArgumentError(absl::StrCat(path(), ": got ", got, "; it takes ", takes));
}

void Field::ReadHashes(absl::string_view from, std::vector<PresenceHash>* to) const {
  if (from.size() % kIdBytes != 0) {
    Wrong(absl::StrCat(from.size(), " bytes"), "hashes of 16 bytes each");
    return;
  }
  to->reserve(from.size() / kIdBytes);
  for (; !from.empty(); from.remove_prefix(kIdBytes)) {
    to->push_back(*PresenceHash::FromBytes(from.substr(0, kIdBytes)));
  }
}

void Field::ReadCounter(const v1::CounterKey& from, CounterId* to) const {
  absl::Status form = CheckProductName(from.product());
  if (form.ok()) form = CheckCounterId(from.id());
  if (form.ok()) {
    *to = CounterId{from.product(), from.id()};
  } else if (status_->ok()) {
    *status_ = absl::InvalidArgumentError(absl::StrCat(path(), ": ", form.message()));
  }
}

void Field::ReadProduct(absl::string_view from, std::string* to) const {
  const absl::Status form = CheckProductName(from);
  if (form.ok()) {
    *to = std::string(from);
  } else if (status_->ok()) {
    *status_ = absl::InvalidArgumentError(absl::StrCat(path(), ": ", form.message()));
  }
}

void Field::ReadConnections(const v1::ProductConnections& from, ProductConnections* to) const {
  (*this)["product"].ReadProduct(from.product(), &to->product);
  to->connections = (*this)["connections"].AtLeast(0, from.connections());
}

int64_t Field::AtLeast(int64_t min, int64_t from) const {
  if (from < min) Wrong(absl::StrCat(from), absl::StrCat(min, " or more"));
  return from;
}

uint64_t Field::AtLeastOne(uint64_t from) const {
  if (from == 0) Wrong("0", "1 or more");
  return from;
}

uint64_t Field::Epoch(uint64_t from) const {
  constexpr auto kMax = static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
  if (from > kMax) Wrong(absl::StrCat(from), "an epoch below 2^63");
  return from;
}

absl::Duration Field::Duration(absl::Duration min, absl::Duration max,
                               const google::protobuf::Duration& from) const {
  const absl::Duration duration = absl::Seconds(from.seconds()) + absl::Nanoseconds(from.nanos());
  if (!IsDuration(from) || duration < min || duration > max) {
    Wrong(SecondsAndNanos(from),
          absl::StrCat(absl::FormatDuration(min), " to ", absl::FormatDuration(max)));
  }
  return duration;
}

absl::Time Field::Time(const google::protobuf::Timestamp& from) const {
  if (!IsTimestamp(from)) {
    Wrong(SecondsAndNanos(from), "a time of the years 1 to 9999, with 0 to 999999999 ns");
  }
  return absl::FromUnixSeconds(from.seconds()) + absl::Nanoseconds(from.nanos());
}

int64_t Field::Hour(int64_t from) const {
  if (!BeginsAnHour(from)) {
    Wrong(absl::StrCat(from), "the begin of an hour, in seconds since 1970");
  }
  return from;
}

void EncodeCounter(const CounterId& from, v1::CounterKey* to) {
  to->set_product(from.product);
  to->set_id(from.id);
}

void EncodeHashes(const std::vector<PresenceHash>& from, std::string* to) {
  to->reserve(from.size() * kIdBytes);
  for (const PresenceHash& hash : from) to->append(hash.ToBytes());
}

void EncodeConnections(const ProductConnections& from, v1::ProductConnections* to) {
  to->set_product(from.product);
  to->set_connections(from.connections);
}

void EncodeDuration(absl::Duration from, google::protobuf::Duration* to) {
  to->set_seconds(absl::IDivDuration(from, absl::Seconds(1), &from));
  to->set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(from)));
}

void EncodeTime(absl::Time from, google::protobuf::Timestamp* to) {
  const int64_t seconds = absl::ToUnixSeconds(from);
  to->set_seconds(seconds);
  to->set_nanos(
      static_cast<int32_t>(absl::ToInt64Nanoseconds(from - absl::FromUnixSeconds(seconds))));
}

}  // namespace livecounter::wire
