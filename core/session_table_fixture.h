// What the tests of SessionTable share: frames by name, and a table whose calls return their effects.

#ifndef LIVECOUNTER_CORE_SESSION_TABLE_FIXTURE_H_
#define LIVECOUNTER_CORE_SESSION_TABLE_FIXTURE_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "core/session_table.h"
#include "core/test_support.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter::test {

inline PresenceDelta Joined(std::vector<PresenceHash> hashes) {
  return {Counter(1), std::move(hashes), {}};
}
inline PresenceDelta Left(std::vector<PresenceHash> hashes) {
  return {Counter(1), {}, std::move(hashes)};
}

inline HolderFrame Edges(std::vector<PresenceDelta> presence) {
  HolderFrame frame;
  frame.presence = std::move(presence);
  return frame;
}

inline HolderFrame Resend(std::vector<PresenceDelta> presence, bool begin = true, bool end = true) {
  HolderFrame frame = Edges(std::move(presence));
  frame.resend_begin = begin;
  frame.resend_end = end;
  return frame;
}

inline HolderFrame DetachFrame(absl::Duration linger) {
  HolderFrame frame;
  frame.detach = linger;
  return frame;
}

inline HolderFrame AuditFrame(const std::vector<PresenceHash>& hashes) {
  Share share;
  for (PresenceHash hash : hashes) share.Add(Counter(1), hash);
  HolderFrame frame;
  frame.audit = share.digest();
  return frame;
}

MATCHER_P2(Closes, stream, code, "") {
  return arg.stream == static_cast<StreamId>(stream) && arg.reason.code() == code;
}

// A table with nobody expected, past its start, and calls that return their effects.
class SessionTableTest : public ::testing::Test {
 protected:
  explicit SessionTableTest(std::vector<HolderId> expected = {})
      : table_(SessionTable::Options(), std::move(expected), At(0)) {}
  ~SessionTableTest() override { table_.CheckInvariants(); }

  SessionTable::Effects Attach(StreamId stream, int holder, uint64_t number, double now) {
    SessionTable::Effects effects;
    EXPECT_TRUE(table_.Attach(stream, MakeHello(holder, number), At(now), &effects).ok());
    return effects;
  }
  absl::Status TryAttach(StreamId stream, int holder, uint64_t number, double now) {
    SessionTable::Effects effects;
    const absl::Status status = table_.Attach(stream, MakeHello(holder, number), At(now), &effects);
    EXPECT_TRUE(effects.empty());
    return status;
  }
  SessionTable::Effects Frame(StreamId stream, const HolderFrame& frame, double now) {
    SessionTable::Effects effects;
    EXPECT_TRUE(table_.OnFrame(stream, frame, At(now), &effects).ok());
    table_.CheckInvariants();
    return effects;
  }
  absl::StatusCode RefusedFrame(StreamId stream, const HolderFrame& frame) {
    SessionTable::Effects effects;
    const absl::Status status = table_.OnFrame(stream, frame, At(1), &effects);
    EXPECT_TRUE(effects.empty());
    return status.code();
  }
  // Up to `seconds`, often enough not to be a stall.
  SessionTable::Effects TickTo(double seconds) {
    SessionTable::Effects effects;
    for (; ticked_ < seconds; ticked_ += 0.5) table_.Tick(At(ticked_), &effects);
    table_.Tick(At(seconds), &effects);
    table_.CheckInvariants();
    return effects;
  }
  // A late Tick.
  SessionTable::Effects StallTo(double seconds) {
    SessionTable::Effects effects;
    table_.Tick(At(seconds), &effects);
    ticked_ = seconds;
    return effects;
  }

  static Hello MakeHello(int holder, uint64_t number) {
    return {.holder = Holder(static_cast<uint64_t>(holder)), .stream = number, .highest_epoch = 0};
  }

  SessionTable table_;
  double ticked_ = 0;
};

}  // namespace livecounter::test

#endif  // LIVECOUNTER_CORE_SESSION_TABLE_FIXTURE_H_
