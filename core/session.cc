#include "core/session.h"

namespace livecounter {

bool HolderFrame::empty() const {
  return !hello && !resend_begin && watch.empty() && unwatch.empty() && presence.empty() &&
         !resend_end && hits.empty() && keyed_hits.empty() && !audit && !detach &&
         connections.empty() && !usage;
}

bool ReceiverFrame::empty() const {
  return !welcome && changes.empty() && hit_answers.empty() && keyed_outcomes.empty() &&
         !resend_wanted && connection_totals.empty() && usage_counted == 0;
}

}  // namespace livecounter
