#include "services/counter/embedded/control_writes.h"

#include "absl/strings/str_cat.h"
#include "services/counter/embedded/history_store.h"
#include "services/counter/embedded/hit_records.h"

namespace livecounter::counter::embedded {

bool TotalWrite::Decide(Transaction& transaction) {
  // The caller is shown the whole value: nothing else may change it in the same step.
  if (!transaction.Claim(counter_, /*alone=*/true)) return false;
  decision_ = DecideTotal(transaction);
  return true;
}

absl::Status TotalWrite::DecideTotal(Transaction& transaction) {
  const auto total = transaction.Total(counter_);
  if (!total.ok()) return total.status();
  const bool exists = total->has_value();
  if (exists && kind_ == Kind::kCreate) {
    return absl::AlreadyExistsError(
        absl::StrCat("hit counter ", counter_.id, " in ", counter_.product, " exists"));
  }
  if (!exists && kind_ != Kind::kCreate) {
    return absl::NotFoundError(absl::StrCat("no hit counter ", counter_.id, " in ",
                                            counter_.product, "; create it first"));
  }
  if (*total == hits_) return absl::OkStatus();
  transaction.RequireSync();
  if (kind_ == Kind::kDelete) {
    if (absl::Status gone = DeleteHistory(counter_, transaction); !gone.ok()) return gone;
  }
  transaction.SetTotal(counter_, hits_, accepted_at_);
  return absl::OkStatus();
}

void TotalWrite::Succeed(Counters& counters) {
  if (!decision_.ok()) return done_(decision_);
  if (kind_ == Kind::kDelete) counters.ForgetHistory(counter_);
  done_(counters.Read(counter_));
}

bool EpochWrite::Decide(Transaction& transaction) {
  if (transaction.epoch() > seen_) return true;
  transaction.RaiseEpoch(seen_ + 1);
  transaction.RequireSync();
  return true;
}

bool SessionWrite::Decide(Transaction& transaction) {
  if (kind_ == Kind::kRecord) {
    transaction.Put(Family::kSessions, holder_.ToBytes(), "");
    transaction.RequireSync();
  } else {
    transaction.Delete(Family::kSessions, holder_.ToBytes());
  }
  return true;
}

bool ProbeWrite::Decide(Transaction& transaction) {
  transaction.Put(Family::kMeta, ProbeKey(), "");
  transaction.RequireSync();
  return true;
}

}  // namespace livecounter::counter::embedded
