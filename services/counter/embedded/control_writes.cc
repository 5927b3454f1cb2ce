#include "services/counter/embedded/control_writes.h"

#include "absl/strings/str_cat.h"
#include "services/counter/embedded/history_store.h"
#include "services/counter/embedded/hit_records.h"

namespace livecounter::counter::embedded {
namespace {

// Where a request id is kept that created: no key of a hit is the same, for what comes over gRPC is UTF-8,
// and no header of HTTP holds a zero byte.
std::string CreateKey(absl::string_view request_id) {
  return absl::StrCat(absl::string_view("\0\xFF", 2), request_id);
}

}  // namespace

bool CreateWrite::Decide(Transaction& transaction) {
  // The caller is shown the whole value: nothing else may change it in the same step.
  if (!transaction.Claim(wanted_.counter, /*alone=*/true)) return false;
  is_repeat_ = false;
  decision_ = DecideCreate(transaction);
  const bool full = absl::IsResourceExhausted(decision_);
  return !(full && transaction.AskForSweep());
}

absl::Status CreateWrite::DecideCreate(Transaction& transaction) {
  const CounterId& counter = wanted_.counter;
  const auto total = transaction.Total(counter);
  if (!total.ok()) return total.status();
  const bool exists = total->has_value();
  absl::Status decided = DecideRepeat(transaction, exists);
  if (!decided.ok() || is_repeat_) return decided;
  if (exists) {
    return absl::AlreadyExistsError(
        absl::StrCat("hit counter ", counter.id, " in ", counter.product, " exists"));
  }
  decided = transaction.CheckProduct(counter.product);
  if (!decided.ok() || wanted_.validate_only) return decided;
  if (absl::Status kept = KeepRequest(transaction); !kept.ok()) return kept;
  transaction.RequireSync();
  transaction.SetTotal(counter, wanted_.hits, accepted_at_);
  return absl::OkStatus();
}

absl::Status CreateWrite::DecideRepeat(Transaction& transaction, bool exists) {
  if (wanted_.request_id.empty()) return absl::OkStatus();
  const auto record = FindKey(transaction, wanted_.counter, CreateKey(wanted_.request_id));
  if (!record.ok()) return record.status();
  if (*record && (*record)->expires_at > transaction.now()) {
    is_repeat_ = true;
    if ((*record)->count != wanted_.hits) {
      return absl::InvalidArgumentError(
          absl::StrCat("request_id: it was used to create this counter with ", (*record)->count,
                       " hits, now with ", wanted_.hits, "; a new request takes a new id"));
    }
    if (exists) return absl::OkStatus();
    return absl::NotFoundError(
        "this request created the counter, which was deleted since; a new "
        "request takes a new id");
  }
  const absl::StatusOr<int64_t> live = LiveKeys(transaction, wanted_.counter.product);
  if (!live.ok()) return live.status();
  if (exists || *live < max_live_keys_) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      absl::StrCat("the product has ", *live,
                   " live request ids and idempotency keys, the most it "
                   "may have; each is free again 24 hours after its use"));
}

absl::Status CreateWrite::KeepRequest(Transaction& transaction) const {
  if (wanted_.request_id.empty()) return absl::OkStatus();
  return PutKey(transaction, wanted_.counter, CreateKey(wanted_.request_id),
                {.count = wanted_.hits,
                 .value_after = wanted_.hits,
                 .expires_at = transaction.now() + kRecordLifetime});
}

void CreateWrite::Succeed(Counters& counters) {
  if (!decision_.ok()) return done_(decision_);
  absl::StatusOr<Change> change = counters.Read(wanted_.counter);
  if (change.ok() && wanted_.validate_only && !is_repeat_) change->hits = wanted_.hits;
  done_(std::move(change));
}

bool TotalWrite::Decide(Transaction& transaction) {
  // The caller is shown the whole value: nothing else may change it in the same step.
  if (!transaction.Claim(counter_, /*alone=*/true)) return false;
  decision_ = DecideTotal(transaction);
  return true;
}

absl::Status TotalWrite::DecideTotal(Transaction& transaction) {
  const auto total = transaction.Total(counter_);
  if (!total.ok()) return total.status();
  if (!total->has_value()) {
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
