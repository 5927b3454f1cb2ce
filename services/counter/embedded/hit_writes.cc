#include "services/counter/embedded/hit_writes.h"

#include "services/counter/embedded/hit_records.h"

namespace livecounter::counter::embedded {
namespace {

// Answers with the version at which the decided value can be read, now that it can.
void Answer(const absl::StatusOr<HitDecision>& decision, const CounterId& counter,
            Counters& counters, const CounterEngine::Callback<HitResult>& done) {
  if (!decision.ok()) return done(decision.status());
  const absl::StatusOr<Change> current = counters.Read(counter);
  if (!current.ok()) return done(current.status());
  done(HitResult{decision->value_after, current->version});
}

}  // namespace

bool HitWrite::Decide(Transaction& transaction) {
  if (!transaction.Claim(batch_.counter, /*alone=*/false)) return false;
  decision_ = DecideBatch(transaction);
  return true;
}

absl::StatusOr<HitDecision> HitWrite::DecideBatch(Transaction& transaction) {
  const auto record = FindSender(transaction, batch_.counter, batch_.sender);
  if (!record.ok()) return record.status();
  const auto total = transaction.Total(batch_.counter);
  if (!total.ok()) return total.status();
  absl::StatusOr<HitDecision> decision = DecideHits(*record, *total, batch_);
  if (!decision.ok()) return decision;
  if (!decision->applied) return decision;
  // Of a counter that is there the product is too, but for hits that were on their way when it was deleted.
  if (!*total || batch_.product_life != 0) {
    absl::Status there = transaction.CheckProduct(batch_.counter.product, batch_.product_life);
    if (!there.ok()) return there;
  }
  transaction.RequireSync();
  transaction.SetTotal(batch_.counter, decision->value_after, accepted_at_);
  PutSender(transaction, batch_.counter, batch_.sender, {batch_.number, decision->value_after});
  transaction.CountHits(batch_.count);
  return decision;
}

void HitWrite::Succeed(Counters& counters) { Answer(decision_, batch_.counter, counters, done_); }

bool KeyedHitWrite::Decide(Transaction& transaction) {
  if (!transaction.Claim(hit_.counter, /*alone=*/false)) return false;
  decision_ = DecideHit(transaction);
  const bool full = absl::IsResourceExhausted(decision_.status());
  return !(full && transaction.AskForSweep());
}

absl::StatusOr<HitDecision> KeyedHitWrite::DecideHit(Transaction& transaction) {
  const auto record = FindKey(transaction, hit_.counter, hit_.key);
  if (!record.ok()) return record.status();
  const auto total = transaction.Total(hit_.counter);
  if (!total.ok()) return total.status();
  const absl::StatusOr<int64_t> live = LiveKeys(transaction, hit_.counter.product);
  if (!live.ok()) return live.status();
  // Core counts against its own limit: a lower one is as if that many keys were always taken.
  const int64_t taken = *live + (kMaxLiveKeysPerProduct - max_live_keys_);
  absl::StatusOr<HitDecision> decision =
      DecideKeyedHit(*record, *total, taken, hit_, transaction.now());
  if (!decision.ok()) return decision;
  if (!decision->applied) return decision;
  // Of a counter that is there the product is too, but for hits that were on their way when it was deleted.
  if (!*total || hit_.product_life != 0) {
    absl::Status there = transaction.CheckProduct(hit_.counter.product, hit_.product_life);
    if (!there.ok()) return there;
  }
  transaction.RequireSync();
  const KeyRecord kept{hit_.count, decision->value_after, transaction.now() + kRecordLifetime};
  if (absl::Status put = PutKey(transaction, hit_.counter, hit_.key, kept); !put.ok()) return put;
  transaction.SetTotal(hit_.counter, decision->value_after, accepted_at_);
  transaction.CountHits(hit_.count);
  return decision;
}

void KeyedHitWrite::Succeed(Counters& counters) {
  Answer(decision_, hit_.counter, counters, done_);
}

}  // namespace livecounter::counter::embedded
