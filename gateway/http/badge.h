// The badge of a counter, an SVG image for pages that show no more than images (contract §2,
// `/counters/{id}/badge.svg`). Pure; any thread.

#ifndef LIVECOUNTER_GATEWAY_HTTP_BADGE_H_
#define LIVECOUNTER_GATEWAY_HTTP_BADGE_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "gateway/http/query.h"

namespace livecounter::gateway {

inline constexpr size_t kMaxBadgeLabelBytes = 128;

struct BadgeStyle {
  std::string label = "hits";  // UTF-8 that XML can hold
  uint32_t color = 0x0366d6;   // behind the number, 0xRRGGBB
};

// The parameters `label` and `color`, each of which may be left out. INVALID_ARGUMENT says which one is
// wrong and what it takes; it does not repeat the value. Other parameters are ignored.
absl::StatusOr<BadgeStyle> ParseBadgeStyle(const Query& query);

// An SVG document: the label, and ShortNumber(value) on the color, in black or white, whichever reads
// better. Its texts are as long as the picture has room for in any font; it holds no script, no style
// sheet and no link, and says the same to a screen reader. `value` ≥ 0.
std::string DrawBadge(const BadgeStyle& style, int64_t value);

// How wide `text` (UTF-8) is at 11 px, in px: in Verdana or DejaVu Sans, whichever is wider, for ASCII;
// an estimate for the rest.
double BadgeTextWidth(absl::string_view text);

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_HTTP_BADGE_H_
