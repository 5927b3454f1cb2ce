// A simulated gateway: the production rules of core/ (holder session with its sender log, local
// presence with graces, conflation) with simulated streams up and simulated connections down.

#ifndef LIVECOUNTER_TESTS_SIMULATION_GATEWAY_H_
#define LIVECOUNTER_TESTS_SIMULATION_GATEWAY_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "core/change.h"
#include "core/conflator.h"
#include "core/holder_session.h"
#include "core/local_presence.h"
#include "tests/simulation/bugs.h"
#include "tests/simulation/counterd.h"
#include "tests/simulation/network.h"
#include "tests/simulation/scheduler.h"
#include "tests/simulation/usage_ledger.h"

namespace livecounter::simulation {

// A client's socket, seen from the gateway. The client owns it and hears through the callbacks;
// both are taken away when the client goes.
struct Connection {
  CounterId counter;
  PresenceHash hash;
  bool contributes = true;
  bool accepted = false;  // by the process: until then it waits in the kernel
  std::function<void(const Change&)> on_change;
  std::function<void()> on_lost;  // the gateway died or drained
};

// How one POST ended: its value, or that nobody knows.
struct HitReply {
  enum class Kind { kCounted, kUnknown, kSurelyNot } kind;
  int64_t value = 0;
};

class Gateway {
 public:
  // The gateway in this place; its journal of usage outlives its process.
  Gateway(int place, Scheduler* scheduler, Counterd* counterd, UsageLedger* usage, Bug bug);

  void Start();
  // kill -9: every connection is lost, the stream breaks; what was held up there stays for its
  // lease.
  void Kill();
  // Sends every connection away over a second, then detaches and ends.
  void Drain();
  // The process stands still until `until`.
  void StallUntil(absl::Time until);
  bool serving() const { return life_ != nullptr && !life_->draining; }
  // The stream breaks, as a network does it.
  void BreakStream();
  Link* link() { return &link_; }

  // Preconditions of all: serving(), and the connection was opened in this life.
  void Open(std::shared_ptr<Connection> connection);
  void Close(const std::shared_ptr<Connection>& connection, bool clean);
  // One hit. `key` empty: plain. The reply comes once, or never if the gateway dies.
  void Post(const CounterId& counter, const std::string& key, std::function<void(HitReply)> reply);

  int place() const { return place_; }
  int incarnation() const { return incarnation_; }
  const HolderSession* session() const { return life_ ? &life_->session : nullptr; }
  // When the last second began in which it ran, not counting the time that it stood still. Precondition:
  // session() is there.
  absl::Time LastSecond() const;
  // Connections of `product`: open here, and at the other gateways as it was told last.
  int64_t Here(const std::string& product) const;
  int64_t Elsewhere(const std::string& product) const;
  void CheckInvariants() const;

 private:
  struct Pending {
    CounterId counter;
    std::function<void(HitReply)> reply;
  };
  struct Life {
    Life(Scheduler* scheduler, HolderSession::Options options);
    const HolderId holder;
    HolderSession session;
    LocalPresence presence;
    Conflator<CounterId, Change> updates;
    std::map<CounterId, Change> shown;
    std::multimap<CounterId, std::shared_ptr<Connection>> connections;
    std::map<uint64_t, Pending> posts;
    std::map<std::string, int64_t> elsewhere;  // open connections, by product
    std::shared_ptr<Stream> stream;
    uint64_t next_ticket = 1;
    bool draining = false;
    absl::Time stalled_since = absl::InfinitePast();
    absl::Time stalled_until = absl::InfinitePast();
    absl::Time wake = absl::InfiniteFuture();
  };

  void InThisLife(std::function<void()> event);
  void Later(absl::Duration delay, std::function<void()> event);
  // Lets every rule do what is due now, and plans when to come back.
  void Pump();
  void Dial();
  void HangUp();
  void KeepJournal();
  void Deliver();
  void Show(const std::shared_ptr<Connection>& connection, const Change& change);
  bool HasAccepted(const CounterId& counter) const;
  void SendAway();

  Scheduler* scheduler_;
  Counterd* counterd_;
  const int place_;
  UsageLedger* usage_;
  const Bug bug_;
  absl::optional<UsageBacklog> journal_;
  Link link_;
  int incarnation_ = 0;
  std::shared_ptr<Life> life_;
};

}  // namespace livecounter::simulation

#endif  // LIVECOUNTER_TESTS_SIMULATION_GATEWAY_H_
