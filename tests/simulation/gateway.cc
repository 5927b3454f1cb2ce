#include "tests/simulation/gateway.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/usage_log.h"

namespace livecounter::simulation {
namespace {

constexpr absl::Duration kUpdateInterval = absl::Milliseconds(100);
constexpr absl::Duration kCleanGrace = absl::Seconds(1);
constexpr absl::Duration kLostGrace = absl::Seconds(10);
constexpr absl::Duration kPostDeadline = absl::Seconds(5);
constexpr absl::Duration kMaxSleep = absl::Milliseconds(500);
constexpr absl::Duration kSlowestSync = absl::Milliseconds(50);
constexpr absl::Duration kSecond = absl::Seconds(1);

StreamId NextStreamId() {
  static StreamId next = 0;
  return ++next;
}

}  // namespace

Gateway::Life::Life(Scheduler* scheduler, HolderSession::Options options)
    : holder(options.id), session(options, scheduler->random()) {}

Gateway::Gateway(int place, Scheduler* scheduler, Counterd* counterd, UsageLedger* usage, Bug bug)
    : scheduler_(scheduler), counterd_(counterd), place_(place), usage_(usage), bug_(bug) {}

void Gateway::Start() {
  ++incarnation_;
  HolderSession::Options options;
  options.id = scheduler_->NewId<HolderId>();
  options.audit_interval = absl::Seconds(5);
  options.max_frame_entries = 8;
  options.keeps_usage_journal = true;
  life_ = std::make_shared<Life>(scheduler_, options);
  usage_->Started(place_, life_->holder);
  if (bug_ == Bug::kForgetsJournal) journal_.reset();
  if (journal_) life_->session.InheritUsage(*journal_, scheduler_->now());
  Pump();
}

void Gateway::Kill() {
  auto life = std::exchange(life_, nullptr);
  if (life->stream) {
    life->stream->gateway_closed = nullptr;
    // Half of the time the machine goes with the process, and counterd hears nothing at all.
    const bool silent = scheduler_->Chance(0.5);
    Stream::Break(scheduler_, life->stream, absl::ZeroDuration(),
                  silent ? absl::Hours(1) : absl::Milliseconds(10));
  }
  for (auto& [counter, connection] : life->connections) {
    if (auto lost = std::exchange(connection->on_lost, nullptr)) {
      scheduler_->After(scheduler_->Between(absl::ZeroDuration(), absl::Milliseconds(100)), lost);
    }
  }
}

void Gateway::Drain() {
  life_->draining = true;
  InThisLife([this] { SendAway(); });
}

void Gateway::SendAway() {
  if (life_->connections.empty()) {
    life_->session.Detach(kLostGrace);
    Pump();
    return;
  }
  auto connection = life_->connections.begin()->second;
  auto lost = std::exchange(connection->on_lost, nullptr);
  Close(connection, /*clean=*/false);
  if (lost) lost();
  Later(absl::Milliseconds(50), [this] { SendAway(); });
}

void Gateway::StallUntil(absl::Time until) {
  const absl::Time now = scheduler_->now();
  if (now > life_->stalled_until + kSecond) life_->stalled_since = now;
  life_->stalled_until = std::max(life_->stalled_until, until);
}

absl::Time Gateway::LastSecond() const {
  const absl::Time now = scheduler_->now();
  return (now > life_->stalled_until + kSecond ? now : life_->stalled_since) - kSecond;
}

void Gateway::BreakStream() {
  if (!life_ || !life_->stream) return;
  Stream::Break(scheduler_, life_->stream,
                scheduler_->Between(absl::ZeroDuration(), absl::Milliseconds(500)),
                scheduler_->Between(absl::ZeroDuration(), absl::Milliseconds(500)));
}

void Gateway::InThisLife(std::function<void()> event) {
  if (scheduler_->now() >= life_->stalled_until) return event();
  scheduler_->At(life_->stalled_until,
                 [this, life = std::weak_ptr<Life>(life_), event = std::move(event)] {
                   if (life_ && life.lock() == life_) event();
                 });
}

void Gateway::Later(absl::Duration delay, std::function<void()> event) {
  scheduler_->After(delay, [this, life = std::weak_ptr<Life>(life_), event = std::move(event)] {
    if (life_ && life.lock() == life_) InThisLife(event);
  });
}

void Gateway::Open(std::shared_ptr<Connection> connection) {
  life_->connections.emplace(connection->counter, connection);
  InThisLife([this, connection] {
    connection->accepted = true;
    const std::string& product = connection->counter.product;
    usage_->Accepted(place_, scheduler_->now());
    life_->session.CountUsage(product, HourOf(scheduler_->now()), 1, scheduler_->now());
    life_->session.AddConnections(product, 1);
    if (connection->contributes && life_->presence.Join(connection->counter, connection->hash)) {
      life_->session.Join(connection->counter, connection->hash);
    }
    auto newest = life_->session.Watch(connection->counter);
    auto shown = life_->shown.find(connection->counter);
    if (shown != life_->shown.end()) {
      if (connection->on_change) connection->on_change(shown->second);
    } else if (newest) {
      life_->updates.Offer(connection->counter, *newest, kUpdateInterval, scheduler_->now());
    }
    Pump();
  });
}

void Gateway::Close(const std::shared_ptr<Connection>& connection, bool clean) {
  connection->on_change = nullptr;
  InThisLife([this, connection, clean] {
    auto [begin, end] = life_->connections.equal_range(connection->counter);
    for (auto it = begin; it != end; ++it) {
      if (it->second != connection) continue;
      life_->connections.erase(it);
      connection->accepted = false;
      life_->session.AddConnections(connection->counter.product, -1);
      if (connection->contributes) {
        life_->presence.Leave(connection->counter, connection->hash,
                              clean ? kCleanGrace : kLostGrace, scheduler_->now());
      }
      life_->session.Unwatch(connection->counter);
      if (!HasAccepted(connection->counter)) {
        life_->updates.Forget(connection->counter);
        life_->shown.erase(connection->counter);
      }
      break;
    }
    Pump();
  });
}

void Gateway::Post(const CounterId& counter, const std::string& key,
                   std::function<void(HitReply)> reply) {
  InThisLife([this, counter, key, reply = std::move(reply)] {
    const uint64_t ticket = life_->next_ticket++;
    life_->posts[ticket] = {counter, reply};
    if (key.empty()) {
      life_->session.Hit(counter, ticket, /*create=*/false);
    } else {
      life_->session.KeyedHitOnce({ticket, {counter, key, 1, false}});
    }
    Later(kPostDeadline, [this, ticket] {
      auto post = life_->posts.find(ticket);
      if (post == life_->posts.end()) return;
      const bool surely_not = life_->session.Abandon(post->second.counter, ticket);
      auto reply = std::move(post->second.reply);
      life_->posts.erase(post);
      reply({surely_not ? HitReply::Kind::kSurelyNot : HitReply::Kind::kUnknown});
    });
    Pump();
  });
}

void Gateway::Pump() {
  const absl::Time now = scheduler_->now();
  HolderSession& session = life_->session;
  for (const PresenceDelta& delta : life_->presence.Expire(now)) {
    for (PresenceHash hash : delta.left) session.Leave(delta.counter, hash);
  }
  if (life_->stream && session.PeerIsSilent(now)) HangUp();
  if (session.ShouldConnect(now)) Dial();
  while (life_->stream) {
    absl::optional<HolderFrame> frame = session.TakeFrame(now);
    if (!frame) break;
    if (frame->usage && bug_ == Bug::kInheritsAsItsOwn) frame->usage->holder.reset();
    Pipe<HolderFrame>::Send(life_->stream->up, *std::move(frame));
  }
  KeepJournal();
  Deliver();
  if (session.state() == HolderSession::State::kDetached) {
    const absl::optional<UsageJournalStep> last = session.LastUsageJournalStep(now);
    if (last) journal_ = last->content;
    life_ = nullptr;
    return;
  }
  const absl::Time wake = std::min({session.NextWake(), life_->presence.NextExpiry(),
                                    life_->updates.NextDue(), now + kMaxSleep});
  if (life_->wake > now && life_->wake <= wake) return;
  life_->wake = std::max(wake, now + absl::Milliseconds(1));
  Later(life_->wake - now, [this] {
    life_->wake = absl::InfiniteFuture();
    Pump();
  });
}

// A kill comes before the disk has it, before the process knows of that, or after.
void Gateway::KeepJournal() {
  const absl::optional<UsageJournalStep> step =
      life_->session.TakeUsageJournalStep(scheduler_->now());
  if (!step) return;
  Later(scheduler_->Between(absl::ZeroDuration(), kSlowestSync), [this, content = step->content] {
    journal_ = content;
    Later(scheduler_->Between(absl::ZeroDuration(), kSlowestSync), [this] {
      life_->session.OnUsageJournalStep(true);
      Pump();
    });
  });
}

void Gateway::Dial() {
  auto stream = std::make_shared<Stream>(scheduler_, &link_, NextStreamId());
  life_->stream = stream;
  // By its id: a stream that held itself would never go.
  const StreamId id = stream->id;
  const auto is_mine = [this, id] { return life_->stream && life_->stream->id == id; };
  stream->gateway_closed = [this, life = std::weak_ptr<Life>(life_), is_mine] {
    if (!life_ || life.lock() != life_) return;
    InThisLife([this, is_mine] {
      if (!is_mine()) return;
      life_->stream = nullptr;
      life_->session.OnClosed(scheduler_->now());
      Pump();
    });
  };
  stream->down->deliver = [this, life = std::weak_ptr<Life>(life_), is_mine](ReceiverFrame frame) {
    if (!life_ || life.lock() != life_) return;
    InThisLife([this, is_mine, frame = std::move(frame)] {
      if (!is_mine()) return;
      if (!life_->session.OnFrame(frame, scheduler_->now()).ok()) HangUp();
      Pump();
    });
  };
  Later(scheduler_->Between(absl::ZeroDuration(), absl::Milliseconds(20)), [this, stream] {
    if (life_->stream != stream) return;
    if (counterd_->running() && !link_.up_blocked && !link_.down_blocked) {
      counterd_->Accept(stream);
      life_->session.OnOpened(scheduler_->now());
    } else {
      life_->stream = nullptr;
      life_->session.OnClosed(scheduler_->now());
    }
    Pump();
  });
}

void Gateway::HangUp() {
  auto stream = std::exchange(life_->stream, nullptr);
  if (!stream) return;
  stream->gateway_closed = nullptr;
  Stream::Break(scheduler_, stream, absl::ZeroDuration(),
                scheduler_->Between(absl::ZeroDuration(), absl::Milliseconds(500)));
  life_->session.OnClosed(scheduler_->now());
}

void Gateway::Deliver() {
  const absl::Time now = scheduler_->now();
  for (const HitOutcome& outcome : life_->session.TakeOutcomes()) {
    auto post = life_->posts.extract(outcome.ticket);
    if (post.empty()) continue;
    if (outcome.status.ok()) {
      post.mapped().reply({HitReply::Kind::kCounted, outcome.value});
    } else {
      post.mapped().reply({HitReply::Kind::kUnknown});
    }
  }
  for (const ProductConnections& others : life_->session.TakeConnectionsElsewhere()) {
    life_->elsewhere[others.product] = others.connections;
  }
  for (Change& change : life_->session.TakeChanges()) {
    const CounterId counter = change.counter;
    life_->updates.Offer(counter, std::move(change), kUpdateInterval, now);
  }
  for (const Change& change : life_->updates.Take(now)) {
    if (!HasAccepted(change.counter)) continue;
    life_->shown[change.counter] = change;
    auto [begin, end] = life_->connections.equal_range(change.counter);
    for (auto it = begin; it != end; ++it) {
      if (it->second->accepted) Show(it->second, change);
    }
  }
}

void Gateway::Show(const std::shared_ptr<Connection>& connection, const Change& change) {
  const auto show = [connection, change] {
    if (connection->on_change) connection->on_change(change);
  };
  if (bug_ != Bug::kOvertakesChanges) return show();
  scheduler_->After(scheduler_->Between(absl::ZeroDuration(), 3 * kUpdateInterval), show);
}

bool Gateway::HasAccepted(const CounterId& counter) const {
  auto [begin, end] = life_->connections.equal_range(counter);
  return std::any_of(begin, end, [](const auto& entry) { return entry.second->accepted; });
}

int64_t Gateway::Here(const std::string& product) const {
  return std::count_if(
      life_->connections.begin(), life_->connections.end(),
      [&](const auto& entry) { return entry.second->accepted && entry.first.product == product; });
}

int64_t Gateway::Elsewhere(const std::string& product) const {
  const auto others = life_->elsewhere.find(product);
  return others == life_->elsewhere.end() ? 0 : others->second;
}

void Gateway::CheckInvariants() const {
  if (!life_) return;
  life_->session.CheckInvariants();
  life_->presence.CheckInvariants();
  life_->updates.CheckInvariants();
}

}  // namespace livecounter::simulation
