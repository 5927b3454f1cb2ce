#include "gateway/http/short_number.h"

#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace livecounter::gateway {
namespace {

constexpr int64_t kFirstShort = 10'000;

struct Unit {
  int64_t size;
  absl::string_view suffix;
};
constexpr Unit kUnits[] = {
    {1'000, "k"}, {1'000'000, "M"}, {1'000'000'000, "B"}, {1'000'000'000'000, "T"}};

std::string WithCommas(int64_t value) {
  if (value < 1'000) return absl::StrCat(value);
  return absl::StrCat(WithCommas(value / 1'000), ",", absl::Dec(value % 1'000, absl::kZeroPad3));
}

// Half of a tenth counts as a whole one. Divides first: no value is too large.
int64_t Tenths(int64_t value, const Unit& unit) {
  const int64_t tenth = unit.size / 10;
  return value / tenth + (value % tenth >= tenth / 2 ? 1 : 0);
}

}  // namespace

std::string ShortNumber(int64_t value) {
  if (value < kFirstShort) return WithCommas(value);
  const Unit* unit = std::begin(kUnits);
  // 999,950 is not "1000k": rounding may lead to the next unit.
  while (unit + 1 != std::end(kUnits) && Tenths(value, *unit) >= 10'000) ++unit;
  const int64_t tenths = Tenths(value, *unit);
  const int64_t whole = tenths / 10;
  const int64_t decimal = tenths % 10;
  // As Intl has it: "1000T" but "10,000T".
  std::string text = whole < kFirstShort ? absl::StrCat(whole) : WithCommas(whole);
  if (decimal != 0) absl::StrAppend(&text, ".", decimal);
  absl::StrAppend(&text, unit->suffix);
  return text;
}

}  // namespace livecounter::gateway
