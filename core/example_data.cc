#include "core/example_data.h"

#include <algorithm>
#include <array>

#include "core/rendezvous.h"

namespace livecounter {
namespace {

// Shares of one: 1 is kOne.
constexpr int64_t kOne = 1024;

constexpr int64_t kStepMs = 3'000;
constexpr int64_t kSecondMs = 1'000;
constexpr int64_t kHourMs = 3'600 * kSecondMs;
constexpr int64_t kDayMs = 24 * kHourMs;
constexpr int64_t kYear2000Ms = 946'684'800 * kSecondMs;

// How busy each day is, from Saturday (2000-01-01 was one).
constexpr std::array<int64_t, 7> kDays = {800, 760, 980, 1024, 1024, 1010, 950};
// How busy every third hour is, from midnight.
constexpr std::array<int64_t, 8> kHours = {380, 250, 420, 760, 980, 1024, 940, 640};

// What is a counter's own, of its name.
struct Character {
  explicit Character(const CounterId& counter)
      : product(StableHash(counter.product)), hash(StableHash(counter.id, product)) {}

  // Present at the busiest hour: 12 to some 400, small ones being the most.
  int64_t peak() const {
    const int64_t size = static_cast<int64_t>(hash >> 8 & 1023);
    return 12 + size * size * size / (kOne * kOne * kOne / 400);
  }
  int64_t step_offset_ms() const { return static_cast<int64_t>(hash % kStepMs); }
  // All counters of a product have their afternoon together.
  int64_t zone_ms() const { return (static_cast<int64_t>(product % 7) - 3) * kHourMs; }

  uint64_t product;
  uint64_t hash;
};

// From `from` at 0 to `to` at kOne, level at both ends.
int64_t Blend(int64_t from, int64_t to, int64_t at) {
  const int64_t smooth = at * at * (3 * kOne - 2 * at) / (kOne * kOne);
  return from + (to - from) * smooth / kOne;
}

// The curve through `points`, each `period` ms after the one before, and around again.
template <size_t kSize>
int64_t Curve(const std::array<int64_t, kSize>& points, int64_t period, int64_t time) {
  const auto index = static_cast<size_t>(time / period);
  return Blend(points[index % kSize], points[(index + 1) % kSize], time % period * kOne / period);
}

// From -kOne to kOne, another each `period` ms, smooth between.
int64_t Noise(uint64_t hash, int64_t period, int64_t time) {
  const auto at = [&](int64_t index) {
    const uint64_t bits = StableHash("noise", hash + static_cast<uint64_t>(index));
    return static_cast<int64_t>(bits % (2 * kOne + 1)) - kOne;
  };
  const int64_t index = time / period;
  return Blend(at(index), at(index + 1), time % period * kOne / period);
}

int64_t Present(const Character& character, int64_t time) {
  const int64_t local = time + character.zone_ms();
  // Days blend into each other at noon.
  const int64_t busy = Curve(kHours, 3 * kHourMs, local) *
                       Curve(kDays, kDayMs, local - kDayMs / 2 + 7 * kDayMs) / kOne;
  const int64_t level = character.peak() * busy;  // in shares of one
  const int64_t swell = level / 8 * Noise(character.hash, 600 * kSecondMs, time) / kOne;
  const int64_t width = std::max(3 * kOne, level / 25);
  const int64_t waver = width * Noise(~character.hash, 15 * kSecondMs, time) / kOne;
  return std::max<int64_t>(1, (level + swell + waver) / kOne);
}

// What has come by `time`: a steady part, and one that comes by day.
int64_t Come(const Character& character, int64_t time) {
  constexpr int64_t kDay = kDayMs / kSecondMs;  // its cube fits
  const int64_t per_day = character.peak() * 40;
  const int64_t of_day = time % kDayMs / kSecondMs;
  const int64_t by_day = of_day * of_day * (3 * kDay - 2 * of_day) / (kDay * kDay);
  return per_day * (time / kDayMs * kDay + (of_day + 3 * by_day) / 4) / kDay;
}

}  // namespace

ExampleNumbers ExampleNumbersAt(const CounterId& counter, absl::Time now) {
  const Character character(counter);
  const int64_t since_2000 = absl::ToUnixMillis(now) - kYear2000Ms;
  const int64_t step = (since_2000 + character.step_offset_ms()) / kStepMs;
  const int64_t time = step * kStepMs;
  ExampleNumbers numbers;
  numbers.version = {0, static_cast<uint64_t>(step)};
  // As if the page had been put up in 2020 or 2021.
  const int64_t put_up = (20 * 365 + static_cast<int64_t>(character.hash % 730)) * kDayMs;
  numbers.hits = Come(character, std::max<int64_t>(0, time + character.zone_ms() - put_up));
  numbers.present = Present(character, time);
  return numbers;
}

absl::Time NextExampleStep(const CounterId& counter, absl::Time now) {
  const Character character(counter);
  const int64_t offset = character.step_offset_ms() - kYear2000Ms;
  const int64_t step = (absl::ToUnixMillis(now) + offset) / kStepMs;
  return absl::FromUnixMillis((step + 1) * kStepMs - offset);
}

}  // namespace livecounter
