#include "core/frame_budget.h"

#include <algorithm>

namespace livecounter {
namespace {

// Tags, lengths and numbers around a name.
constexpr size_t kOverheadBytes = 32;

}  // namespace

size_t FrameBudget::NameBytes(const CounterId& counter) {
  return counter.product.size() + counter.id.size() + kOverheadBytes;
}

FrameBudget FrameBudget::TakeHalf() {
  const FrameBudget half(entries_ - entries_ / 2, bytes_ - bytes_ / 2);
  entries_ /= 2;
  bytes_ /= 2;
  return half;
}

void FrameBudget::Return(const FrameBudget& rest) {
  entries_ += rest.entries_;
  bytes_ += rest.bytes_;
}

size_t FrameBudget::Spend(size_t wanted, size_t each, size_t common) {
  if (full()) return 0;
  const size_t left = bytes_ - std::min(bytes_, common);
  const size_t affordable = std::max<size_t>(each == 0 ? wanted : left / each, 1);
  const size_t spent = std::min({wanted, entries_, affordable});
  entries_ -= spent;
  bytes_ -= std::min(bytes_, common + spent * each);
  return spent;
}

}  // namespace livecounter
