#include "gateway/upstream/edge_counter_client.h"

#include <algorithm>
#include <utility>

#include "core/check.h"

namespace livecounter::gateway {
namespace {

// How often the clock is looked at while only the stream can move things on.
constexpr absl::Duration kPatience = absl::Milliseconds(50);

}  // namespace

EdgeCounterClient::EdgeCounterClient(Options options, std::shared_ptr<grpc::Channel> channel,
                                     runtime::Clock& clock, runtime::Random& random,
                                     const observability::Logger& logger, UsageJournal* journal)
    : options_(std::move(options)),
      channel_(std::move(channel)),
      clock_(clock),
      logger_(logger),
      journal_(journal),
      random_{random},
      session_(SessionOptions(options_.session, journal, random), random_),
      switchboard_(session_),
      lost_since_(clock.Now()),
      disk_(journal == nullptr ? nullptr : std::make_unique<runtime::WorkerPool>(1, 1)),
      thread_(clock, [this](absl::Time now) { return Turn(now); }) {
  if (journal == nullptr || !journal->found()) return;
  // Before any loop can tell of a connection.
  thread_.Post([this, found = *journal->found()] {
    session_.InheritUsage(found, clock_.Now());
    logger_.Info("usage_inherited", {{"connections", session_.usage().uncounted()}});
  });
}

EdgeCounterClient::~EdgeCounterClient() {
  thread_.Post([this] {
    stopping_ = true;
    Break();
  });
  mutex_.LockWhen(absl::Condition(&stopped_));
  mutex_.Unlock();
  thread_.Stop();
  disk_.reset();  // with the step that it has
  const auto last = session_.LastUsageJournalStep(clock_.Now());
  if (last) OnJournalStep(journal_->Apply(*last));
}

HolderSession::Options EdgeCounterClient::SessionOptions(HolderSession::Options options,
                                                         const UsageJournal* journal,
                                                         runtime::Random& random) {
  options.id = HolderId{random.Uint64(), random.Uint64()};
  options.keeps_usage_journal = journal != nullptr;
  return options;
}

CounterClient::LoopId EdgeCounterClient::AddLoop(Inbox inbox) {
  const LoopId loop = next_loop_.fetch_add(1);
  thread_.Post([this, loop, inbox = std::move(inbox)]() mutable {
    switchboard_.AddLoop(loop, std::move(inbox));
  });
  return loop;
}

void EdgeCounterClient::Send(LoopId loop, LoopCommands commands) {
  thread_.Post([this, loop, commands = std::move(commands)] {
    switchboard_.Apply(loop, commands, clock_.Now());
  });
}

bool EdgeCounterClient::EverConnected() const {
  absl::MutexLock lock(&mutex_);
  return ever_connected_;
}

absl::Time EdgeCounterClient::LostSince() const {
  absl::MutexLock lock(&mutex_);
  return lost_since_;
}

EdgeCounterClient::UsageStatus EdgeCounterClient::Usage() const {
  absl::MutexLock lock(&mutex_);
  return usage_;
}

absl::Status EdgeCounterClient::LastFailure() const {
  absl::MutexLock lock(&mutex_);
  return last_failure_;
}

void EdgeCounterClient::Detach(absl::Duration linger, absl::Time deadline) {
  thread_.Post([this, linger] { session_.Detach(linger); });
  absl::MutexLock lock(&mutex_);
  mutex_.AwaitWithDeadline(absl::Condition(&detached_), deadline);
}

runtime::LoopThread::Wake EdgeCounterClient::Turn(absl::Time now) {
  const absl::Time next = Advance(now);
  // The end of a write is urgent where the next one waits for it.
  return {next, writing_ && session_.has_frame(now)};
}

absl::Time EdgeCounterClient::Advance(absl::Time now) {
  if (stream_ == nullptr && !stopping_ && session_.ShouldConnect(now)) Connect(now);
  if (session_.PeerIsSilent(now)) Break();
  const absl::Time batch = Pump(now);
  KeepJournal(now);
  switchboard_.Deliver();
  Report(now);
  if (batch != absl::InfiniteFuture()) return batch;
  const absl::Time wake = session_.NextWake();
  return wake > now ? wake : now + kPatience;  // overdue: it waits for the stream
}

void EdgeCounterClient::Connect(absl::Time now) {
  writing_ = false;
  broken_ = false;
  EdgeStream::Events events;
  events.on_frame = [this](absl::StatusOr<ReceiverFrame> frame) {
    thread_.Post([this, frame = std::move(frame)] { OnFrame(frame); });
  };
  events.on_written = [this] { thread_.PostQuietly([this] { writing_ = false; }); };
  events.on_broken = [this] { thread_.Post([this] { OnBroken(); }); };
  events.on_done = [this](absl::Status status) {
    thread_.Post([this, status = std::move(status)] { OnDone(status); });
  };
  stream_ = EdgeStream::Open(channel_, options_.token, std::move(events));
  session_.OnOpened(now);
}

void EdgeCounterClient::Break() {
  if (stream_ == nullptr || broken_) return;
  broken_ = true;
  stream_->Cancel();
}

void EdgeCounterClient::OnFrame(const absl::StatusOr<ReceiverFrame>& frame) {
  const absl::Status status = frame.ok() ? session_.OnFrame(*frame, clock_.Now()) : frame.status();
  if (!status.ok()) {
    logger_.Error("upstream_protocol_error", {{"status", status}});
    Break();
  }
  stream_->Read();
}

void EdgeCounterClient::OnBroken() {
  broken_ = true;
  stream_->Release();
}

void EdgeCounterClient::OnDone(const absl::Status& status) {
  stream_.reset();
  session_.OnClosed(clock_.Now());
  if (stopping_) return;
  // Told once for each reason, not at each try.
  const bool is_news = status.code() != LastFailure().code();
  if (was_attached_) {
    logger_.Warning("upstream_lost", {{"status", status}});
  } else if (is_news) {
    logger_.Warning("upstream_not_reached", {{"status", status}});
  } else {
    logger_.Debug("upstream_not_reached", {{"status", status}});
  }
  absl::MutexLock lock(&mutex_);
  last_failure_ = status;
}

absl::Time EdgeCounterClient::Pump(absl::Time now) {
  if (stream_ == nullptr || broken_ || writing_) return absl::InfiniteFuture();
  if (!session_.has_frame(now)) return absl::InfiniteFuture();
  if (!session_.urgent()) {
    if (now < batch_due_) return batch_due_;
    batch_due_ = now + options_.batch;
  }
  if (const absl::optional<HolderFrame> frame = session_.TakeFrame(now)) {
    writing_ = true;
    stream_->Write(*frame);
  }
  return absl::InfiniteFuture();
}

void EdgeCounterClient::KeepJournal(absl::Time now) {
  LogGivenUpUsage();
  absl::optional<UsageJournalStep> step = session_.TakeUsageJournalStep(now);
  if (!step) return;
  const bool is_taken = disk_->TryRun([this, step = *std::move(step)] {
    thread_.Post([this, status = journal_->Apply(step)] {
      session_.OnUsageJournalStep(status.ok());
      OnJournalStep(status);
    });
  });
  CheckInvariant(is_taken, "the disk has one step of the journal at a time");
}

// Told once, not at each try.
void EdgeCounterClient::OnJournalStep(const absl::Status& status) {
  if (!status.ok()) ++journal_failures_;
  if (!status.ok() && !journal_fails_) {
    logger_.Error("usage_journal_failed", {{"error", status}});
  }
  journal_fails_ = !status.ok();
}

void EdgeCounterClient::LogGivenUpUsage() {
  const int64_t given_up = session_.usage().given_up();
  if (given_up == given_up_) return;
  logger_.Error("usage_given_up", {{"connections", given_up - given_up_}});
  given_up_ = given_up;
}

void EdgeCounterClient::Report(absl::Time now) {
  const bool attached = session_.state() == HolderSession::State::kAttached;
  if (attached && !was_attached_) {
    logger_.Info("upstream_attached", {{"stream", session_.streams_opened()}});
  }
  absl::MutexLock lock(&mutex_);
  if (attached) {
    ever_connected_ = true;
    lost_since_ = absl::InfiniteFuture();
    last_failure_ = absl::OkStatus();
  } else if (was_attached_) {
    lost_since_ = now;
  }
  was_attached_ = attached;
  usage_ = {.uncounted_since = session_.usage().UncountedSince(),
            .uncounted = session_.usage().uncounted(),
            .journal_failures = journal_failures_};
  detached_ = stream_ == nullptr && session_.state() == HolderSession::State::kDetached;
  stopped_ = stream_ == nullptr && stopping_;
}

}  // namespace livecounter::gateway
