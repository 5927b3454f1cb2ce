#include "services/counter/embedded/encoding.h"

#include <array>
#include <cstddef>
#include <limits>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace livecounter::counter::embedded {
namespace {

constexpr char kFormat = 1;
constexpr size_t kNumberBytes = 8;

void AppendNumber(uint64_t number, size_t bytes, std::string& out) {
  for (size_t i = bytes; i-- > 0;) out.push_back(static_cast<char>(number >> (8 * i)));
}

uint64_t ParseNumber(absl::string_view bytes) {
  uint64_t number = 0;
  for (const char byte : bytes) number = (number << 8) | static_cast<unsigned char>(byte);
  return number;
}

// Keeps the order of signed numbers as bytes: the smallest becomes all zeroes.
uint64_t Ordered(int64_t number) { return static_cast<uint64_t>(number) ^ (uint64_t{1} << 63); }
int64_t FromOrdered(uint64_t number) { return static_cast<int64_t>(number ^ (uint64_t{1} << 63)); }

int64_t Nanos(absl::Time time) { return absl::ToUnixNanos(time); }

// Where never is told apart from the last time that fits.
absl::Time FromNanos(uint64_t nanos) {
  constexpr auto kNever = static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
  return nanos == kNever ? absl::InfiniteFuture()
                         : absl::FromUnixNanos(static_cast<int64_t>(nanos));
}

absl::Status NotKnown(absl::string_view what, absl::string_view value) {
  return absl::DataLossError(
      absl::StrCat("a stored ", what, " of ", value.size(),
                   " bytes is not in a format that this release knows: it was written by a newer "
                   "one, or the store is damaged"));
}

// Every value: the format, then a fixed count of numbers.
template <size_t N>
std::string EncodeNumbers(const std::array<uint64_t, N>& numbers) {
  std::string out(1, kFormat);
  out.reserve(1 + N * kNumberBytes);
  for (const uint64_t number : numbers) AppendNumber(number, kNumberBytes, out);
  return out;
}

template <size_t N>
absl::StatusOr<std::array<uint64_t, N>> DecodeNumbers(absl::string_view what,
                                                      absl::string_view value) {
  if (value.size() != 1 + N * kNumberBytes || value[0] != kFormat) {
    return NotKnown(what, value);
  }
  std::array<uint64_t, N> numbers;
  for (size_t i = 0; i < N; ++i) {
    numbers[i] = ParseNumber(value.substr(1 + i * kNumberBytes, kNumberBytes));
  }
  return numbers;
}

// A key that goes on after the id: the id's length stands before it.
std::string KeyWithin(const CounterId& counter, absl::string_view rest) {
  std::string key = ProductPrefix(counter.product);
  AppendNumber(counter.id.size(), 2, key);
  absl::StrAppend(&key, counter.id, rest);
  return key;
}

}  // namespace

std::string CounterKey(const CounterId& counter) {
  return absl::StrCat(ProductPrefix(counter.product), counter.id);
}

std::string ProductPrefix(absl::string_view product) {
  return absl::StrCat(product, absl::string_view("\0", 1));
}

absl::StatusOr<CounterId> DecodeCounterKey(absl::string_view key) {
  const size_t nul = key.find('\0');
  if (nul == absl::string_view::npos) {
    return absl::DataLossError(
        absl::StrCat("a stored counter's key of ", key.size(), " bytes names no product"));
  }
  return CounterId{std::string(key.substr(0, nul)), std::string(key.substr(nul + 1))};
}

std::string UsageKey(absl::string_view product, int64_t hour) {
  std::string key = ProductPrefix(product);
  AppendNumber(static_cast<uint64_t>(hour), kNumberBytes, key);
  return key;
}

absl::StatusOr<UsageName> DecodeUsageKey(absl::string_view key) {
  const absl::string_view product = ProductOfKey(key);
  if (key.size() != product.size() + 1 + kNumberBytes) {
    return absl::DataLossError(
        absl::StrCat("a stored hour of usage has a key of ", key.size(), " bytes"));
  }
  return UsageName{std::string(product),
                   static_cast<int64_t>(ParseNumber(key.substr(product.size() + 1)))};
}

std::string HistoryPrefix(absl::Time period, absl::string_view product) {
  std::string key;
  AppendNumber(Ordered(absl::ToUnixSeconds(period)), kNumberBytes, key);
  return key + ProductPrefix(product);
}

std::string HistoryPrefix(absl::Time period, const CounterId& counter) {
  std::string key;
  AppendNumber(Ordered(absl::ToUnixSeconds(period)), kNumberBytes, key);
  return key + KeyWithin(counter, "");
}

std::string HistoryKey(absl::Time period, const CounterId& counter, absl::Time begin) {
  std::string key = HistoryPrefix(period, counter);
  AppendNumber(Ordered(absl::ToUnixSeconds(begin)), kNumberBytes, key);
  return key;
}

absl::StatusOr<HistoryName> DecodeHistoryKey(absl::string_view key) {
  const absl::string_view all = key;
  const auto take = [&key](size_t bytes) {
    const absl::string_view taken = key.substr(0, bytes);
    key.remove_prefix(taken.size());
    return taken;
  };
  const auto time = [&] { return absl::FromUnixSeconds(FromOrdered(ParseNumber(take(8)))); };
  const absl::Time period = time();
  const absl::string_view product = take(ProductOfKey(key).size());
  take(1);
  const absl::string_view id = take(ParseNumber(take(2)));
  if (id.empty() || key.size() != kNumberBytes) {
    return absl::DataLossError(
        absl::StrCat("a stored point of history has a key of ", all.size(), " bytes"));
  }
  return HistoryName{period, CounterId{std::string(product), std::string(id)}, time()};
}

std::string SenderKey(const CounterId& counter, const SenderId& sender) {
  return KeyWithin(counter, sender.ToBytes());
}

std::string KeyRecordKey(const CounterId& counter, absl::string_view key) {
  return KeyWithin(counter, key);
}

absl::string_view ProductOfKey(absl::string_view key) { return key.substr(0, key.find('\0')); }

std::string ExpiryKey(const ExpiryEntry& entry) {
  std::string key;
  AppendNumber(Ordered(Nanos(entry.expires_at)), kNumberBytes, key);
  return key + entry.key_record;
}

absl::StatusOr<ExpiryEntry> DecodeExpiryKey(absl::string_view key) {
  if (key.size() < kNumberBytes) {
    return absl::DataLossError(
        absl::StrCat("a stored expiry of ", key.size(), " bytes is too short"));
  }
  return ExpiryEntry{absl::FromUnixNanos(FromOrdered(ParseNumber(key.substr(0, kNumberBytes)))),
                     std::string(key.substr(kNumberBytes))};
}

std::string EncodeCounter(const StoredCounter& counter) {
  return EncodeNumbers<2>({static_cast<uint64_t>(counter.hits), counter.revision});
}

absl::StatusOr<StoredCounter> DecodeCounter(absl::string_view value) {
  const auto numbers = DecodeNumbers<2>("counter", value);
  if (!numbers.ok()) return numbers.status();
  return StoredCounter{static_cast<int64_t>((*numbers)[0]), (*numbers)[1]};
}

std::string EncodeSender(const StoredSender& sender) {
  return EncodeNumbers<3>({sender.record.number, static_cast<uint64_t>(sender.record.value_after),
                           static_cast<uint64_t>(Nanos(sender.written_at))});
}

absl::StatusOr<StoredSender> DecodeSender(absl::string_view value) {
  const auto numbers = DecodeNumbers<3>("sender record", value);
  if (!numbers.ok()) return numbers.status();
  const auto [number, value_after, written_at] = *numbers;
  return StoredSender{SenderRecord{number, static_cast<int64_t>(value_after)},
                      absl::FromUnixNanos(static_cast<int64_t>(written_at))};
}

std::string EncodeKeyRecord(const KeyRecord& record) {
  return EncodeNumbers<3>({static_cast<uint64_t>(record.count),
                           static_cast<uint64_t>(record.value_after),
                           static_cast<uint64_t>(Nanos(record.expires_at))});
}

absl::StatusOr<KeyRecord> DecodeKeyRecord(absl::string_view value) {
  const auto numbers = DecodeNumbers<3>("key record", value);
  if (!numbers.ok()) return numbers.status();
  const auto [count, value_after, expires_at] = *numbers;
  return KeyRecord{static_cast<int64_t>(count), static_cast<int64_t>(value_after),
                   absl::FromUnixNanos(static_cast<int64_t>(expires_at))};
}

std::string EncodePoint(const HistoryPoint& point) {
  return EncodeNumbers<6>(
      {point.hits ? uint64_t{1} : 0, static_cast<uint64_t>(point.hits.value_or(0)),
       static_cast<uint64_t>(point.present_begin), static_cast<uint64_t>(point.present_end),
       static_cast<uint64_t>(point.present_peak), static_cast<uint64_t>(point.presence_us)});
}

absl::StatusOr<HistoryPoint> DecodePoint(absl::Time begin, absl::string_view value) {
  const auto numbers = DecodeNumbers<6>("point of history", value);
  if (!numbers.ok()) return numbers.status();
  const auto number = [&](size_t i) { return static_cast<int64_t>((*numbers)[i]); };
  HistoryPoint point{.begin = begin,
                     .present_begin = number(2),
                     .present_end = number(3),
                     .present_peak = number(4),
                     .presence_us = number(5)};
  if (number(0) != 0) point.hits = number(1);
  return point;
}

std::string EncodeRecord(const StoredRecord& record) {
  return EncodeNumbers<2>({record.version, static_cast<uint64_t>(Nanos(record.expire_at))}) +
         record.value;
}

absl::StatusOr<StoredRecord> DecodeRecord(absl::string_view value) {
  constexpr size_t kHead = 1 + 2 * kNumberBytes;
  if (value.size() < kHead) return NotKnown("record", value);
  const auto numbers = DecodeNumbers<2>("record", value.substr(0, kHead));
  if (!numbers.ok()) return numbers.status();
  return StoredRecord{std::string(value.substr(kHead)), (*numbers)[0], FromNanos((*numbers)[1])};
}

std::string EncodeNumber(uint64_t number) { return EncodeNumbers<1>({number}); }

absl::StatusOr<uint64_t> DecodeNumber(absl::string_view value) {
  const auto numbers = DecodeNumbers<1>("number", value);
  if (!numbers.ok()) return numbers.status();
  return (*numbers)[0];
}

}  // namespace livecounter::counter::embedded
