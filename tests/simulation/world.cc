#include "tests/simulation/world.h"

#include <cstdio>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace livecounter::simulation {
namespace {

constexpr absl::Duration kFaultyTime = absl::Seconds(60);
// Half-open sockets (35 s) + the lost-connection grace (10 s) + lease (10 s) + what reconnects
// take.
constexpr absl::Duration kHealingTime = absl::Seconds(65);
// A user counts as steady when here this long: time for the edge to reach everyone under any fault
// that the promise covers.
constexpr absl::Duration kSteadyAfter = absl::Seconds(12);

uint64_t Mix(uint64_t hash, uint64_t value) {
  hash = (hash ^ value) * 0x9E3779B97F4A7C15u;
  return hash ^ (hash >> 29);
}

}  // namespace

World::World(uint64_t seed, Bug bug, bool tells)
    : tells_(tells), scheduler_(seed), disk_(&scheduler_), counterd_(&scheduler_, &disk_, bug) {
  report_.promises_no_dip = scheduler_.Chance(0.6);
  const int gateways = scheduler_.Between(2, 4);
  for (int i = 0; i < gateways; ++i) {
    gateways_.push_back(std::make_unique<Gateway>(i, &scheduler_, &counterd_, &usage_, bug));
  }
  Populate();
}

void World::Populate() {
  const int counters = scheduler_.Between(1, 3);
  for (int i = 0; i < counters; ++i) {
    counters_.push_back({absl::StrCat("accounts/a/products/p", i), absl::StrCat(i)});
    disk_.mutable_durable()->totals[counters_.back()] = 0;
    AddClients(counters_.back());
  }
  old_copy_ = disk_.durable();
}

void World::AddClients(const CounterId& counter) {
  const int users = scheduler_.Between(2, 6);
  for (int user = 0; user < users; ++user) {
    const auto hash = scheduler_.NewId<PresenceHash>();
    const bool restless = scheduler_.Chance(0.4);
    for (int tabs = scheduler_.Between(1, 2); tabs > 0; --tabs) {
      Client::Traits traits;
      traits.counter = counter;
      traits.user = hash;
      traits.contributes = scheduler_.Chance(0.9);
      traits.restless = restless;
      traits.posts_per_second = scheduler_.Chance(0.5) ? scheduler_.Uniform() * 3 : 0;
      traits.keyed = scheduler_.Chance(0.3);
      clients_.push_back(
          std::make_unique<Client>(&scheduler_, &gateways_, &ledger_, traits,
                                   [this](const Client& client, absl::optional<int64_t> before,
                                          int64_t now) { OnShown(client, before, now); }));
    }
  }
}

void World::Tell(const std::string& what) {
  if (!tells_) return;
  std::printf("[%s] %s\n",
              absl::FormatTime("%M:%E3S", scheduler_.now(), absl::UTCTimeZone()).c_str(),
              what.c_str());
}

Report World::Run() {
  StartCounterd();
  for (auto& gateway : gateways_) gateway->Start();
  for (auto& client : clients_) {
    Client* starting = client.get();
    scheduler_.After(scheduler_.Between(absl::ZeroDuration(), absl::Seconds(3)),
                     [starting] { starting->Start(); });
  }
  const absl::Time begin = scheduler_.now();
  scheduler_.After(absl::Seconds(5), [this] { PlanFault(); });
  for (int second = 1; second <= kFaultyTime / absl::Seconds(1); ++second) {
    scheduler_.RunUntil(begin + absl::Seconds(second));
    if (counterd_.running()) counterd_.CheckInvariants();
    for (auto& gateway : gateways_) gateway->CheckInvariants();
    usage_.CheckNoneTwice(disk_.durable());
  }
  Heal();
  scheduler_.RunUntil(begin + kFaultyTime + kHealingTime);
  CheckRest();
  return std::move(report_);
}

void World::PlanFault() {
  if (healing_) return;
  ++report_.faults;
  if (report_.promises_no_dip || scheduler_.Chance(0.5)) {
    FaultWithinPromises();
  } else {
    FaultBeyondPromises();
  }
  scheduler_.After(scheduler_.Between(absl::Milliseconds(200), absl::Seconds(8)),
                   [this] { PlanFault(); });
}

void World::FaultWithinPromises() {
  constexpr const char* kFaults[] = {"kill counterd",    "kill gateway", "drain gateway",
                                     "break the stream", "slow disk",    "stall counterd",
                                     "block one way",    "jittery link", "stall gateway"};
  const int place = scheduler_.Between(0, static_cast<int>(gateways_.size()) - 1);
  Gateway* gateway = gateways_[place].get();
  const absl::Duration shortly = scheduler_.Between(absl::Milliseconds(50), absl::Seconds(2));
  const int fault = scheduler_.Between(0, 8);
  Tell(absl::StrCat(kFaults[fault], " (", place, "), ", absl::FormatDuration(shortly)));
  switch (fault) {
    case 0:
      return KillCounterd(shortly);
    case 1:
      if (!gateway->serving()) return;
      KillGateway(gateway);
      return RestartLater(gateway, shortly);
    case 2:
      if (!gateway->serving()) return;
      gateway->Drain();
      return RestartLater(gateway, shortly + absl::Seconds(2));
    case 3:
      return gateway->BreakStream();
    case 4:
      disk_.SetSlow(true);
      return scheduler_.After(shortly, [this] { disk_.SetSlow(false); });
    case 5:
      if (counterd_.running()) counterd_.StallUntil(scheduler_.now() + 2 * shortly);
      return;
    case 6:
      gateway->link()->up_blocked = scheduler_.Chance(0.5);
      gateway->link()->down_blocked = !gateway->link()->up_blocked;
      return scheduler_.After(shortly, [gateway] { *gateway->link() = {}; });
    case 7:
      gateway->link()->jittery = true;
      return scheduler_.After(shortly, [gateway] { gateway->link()->jittery = false; });
    default:
      if (gateway->serving()) gateway->StallUntil(scheduler_.now() + shortly);
      return;
  }
}

void World::FaultBeyondPromises() {
  constexpr const char* kFaults[] = {"kill counterd", "stall gateway", "partition",
                                     "stall counterd", "copy or restore"};
  const int place = scheduler_.Between(0, static_cast<int>(gateways_.size()) - 1);
  Gateway* gateway = gateways_[place].get();
  const absl::Duration long_time = scheduler_.Between(absl::Seconds(2), absl::Seconds(20));
  const int fault = scheduler_.Between(0, 4);
  Tell(absl::StrCat(kFaults[fault], " for long (", place, "), ", absl::FormatDuration(long_time)));
  switch (fault) {
    case 0:
      return KillCounterd(long_time);
    case 1:
      if (gateway->serving()) gateway->StallUntil(scheduler_.now() + long_time);
      return;
    case 2:
      gateway->link()->up_blocked = scheduler_.Chance(0.7);
      gateway->link()->down_blocked = scheduler_.Chance(0.7);
      return scheduler_.After(long_time, [gateway] { *gateway->link() = {}; });
    case 3:
      if (counterd_.running()) counterd_.StallUntil(scheduler_.now() + long_time);
      return;
    default:
      return RestoreOldCopy();
  }
}

void World::KillGateway(Gateway* gateway) {
  usage_.Killed(gateway->place(), gateway->LastSecond());
  gateway->Kill();
}

void World::KillCounterd(absl::Duration down) {
  if (!counterd_.running()) return;
  counterd_.Kill();
  scheduler_.After(down, [this] {
    if (!counterd_.running()) StartCounterd();
  });
}

void World::StartCounterd() {
  // With a clock that went back, only what holders tell keeps epochs rising over a restore.
  const bool wrong = !report_.promises_no_dip && scheduler_.Chance(0.5);
  counterd_.Start(wrong ? scheduler_.Between(-absl::Hours(1), absl::Hours(1))
                        : absl::ZeroDuration());
}

void World::RestoreOldCopy() {
  if (!counterd_.running()) return;
  if (scheduler_.Chance(0.5)) {
    old_copy_ = disk_.durable();
    return;
  }
  KillCounterd(scheduler_.Between(absl::Seconds(1), absl::Seconds(5)));
  usage_.Restored(disk_.durable(), old_copy_);
  disk_.Restore(old_copy_);
  ledger_.Restored(old_copy_);
}

void World::RestartLater(Gateway* gateway, absl::Duration down) {
  scheduler_.After(down, [this, gateway, down] {
    if (gateway->serving()) return;
    if (gateway->session() != nullptr) return RestartLater(gateway, down);  // still draining
    gateway->Start();
  });
}

void World::Heal() {
  healing_ = true;
  disk_.SetSlow(false);
  for (auto& client : clients_) client->Rest();
  if (!counterd_.running()) StartCounterd();
  for (auto& gateway : gateways_) *gateway->link() = {};
}

void World::OnShown(const Client& client, absl::optional<int64_t> before, int64_t now) {
  ++report_.shown;
  report_.trace = Mix(report_.trace, absl::ToUnixNanos(scheduler_.now()));
  report_.trace = Mix(report_.trace, static_cast<uint64_t>(now));
  if (tells_) {
    Tell(absl::StrCat("shown on counter ", client.traits().counter.id, ": ",
                      client.shown()->version.ToString(), " present ", now));
  }
  if (!report_.promises_no_dip || !before || now >= *before) return;
  const int64_t steady = SteadyUsers(client.traits().counter);
  if (now < steady) {
    Violation(absl::StrCat("counter ", client.traits().counter.id, " dipped from ", *before, " to ",
                           now, " while ", steady, " users were here all the time"));
  }
}

int64_t World::SteadyUsers(const CounterId& counter) const {
  std::set<PresenceHash> users;
  for (const auto& client : clients_) {
    const Client::Traits& traits = client->traits();
    if (traits.counter == counter && traits.contributes &&
        client->here_since() + kSteadyAfter <= scheduler_.now()) {
      users.insert(traits.user);
    }
  }
  return static_cast<int64_t>(users.size());
}

int64_t World::TrulyPresent(const CounterId& counter) const {
  std::set<PresenceHash> users;
  for (const auto& client : clients_) {
    const Client::Traits& traits = client->traits();
    if (traits.counter == counter && traits.contributes && client->connected()) {
      users.insert(traits.user);
    }
  }
  return static_cast<int64_t>(users.size());
}

void World::CheckConnections(const std::string& product) {
  int64_t open = 0;
  for (const auto& client : clients_) {
    open += client->connected() && client->traits().counter.product == product ? 1 : 0;
  }
  if (counterd_.Connections(product) != open) {
    Violation(absl::StrCat("counterd knows of ", counterd_.Connections(product), " connections of ",
                           product, ", there are ", open));
  }
  for (const auto& gateway : gateways_) {
    // Who has none of a product is not told of the others'.
    if (gateway->session() == nullptr || gateway->Here(product) == 0) continue;
    const int64_t elsewhere = open - gateway->Here(product);
    if (gateway->Elsewhere(product) == elsewhere) continue;
    Violation(absl::StrCat("a gateway knows of ", gateway->Elsewhere(product), " connections of ",
                           product, " elsewhere, there are ", elsewhere));
  }
}

void World::CheckRest() {
  for (const CounterId& counter : counters_) {
    ledger_.Check(counter, counterd_.Hits(counter));
    CheckConnections(counter.product);
    if (counterd_.sessions().present().present(counter) != TrulyPresent(counter)) {
      Violation(absl::StrCat("counterd holds ", counterd_.sessions().present().present(counter),
                             " for counter ", counter.id, ", here are ", TrulyPresent(counter)));
    }
  }
  for (const auto& client : clients_) {
    const CounterId& counter = client->traits().counter;
    for (const std::string& violation : client->violations()) Violation(violation);
    if (client->gone()) continue;
    if (!client->shown()) {
      Violation(absl::StrCat("a client of counter ", counter.id, " is shown nothing"));
      continue;
    }
    if (client->shown()->present != TrulyPresent(counter)) {
      Violation(absl::StrCat("a client of counter ", counter.id, " is shown ",
                             client->shown()->present, " present, here are ",
                             TrulyPresent(counter)));
    }
    if (client->shown()->hits.value_or(-1) != counterd_.Hits(counter)) {
      Violation(absl::StrCat("a client of counter ", counter.id, " is shown ",
                             client->shown()->hits.value_or(-1), " hits, the store has ",
                             counterd_.Hits(counter)));
    }
  }
  for (const std::string& violation : ledger_.violations()) Violation(violation);
  usage_.CheckNoneTwice(disk_.durable());
  usage_.CheckNoneMissing(disk_.durable());
  for (const std::string& violation : usage_.violations()) Violation(violation);
  report_.acknowledged = ledger_.acknowledged();
}

void World::Violation(std::string what) {
  report_.violations.push_back(absl::StrFormat(
      "[%s] %s", absl::FormatTime("%M:%E3S", scheduler_.now(), absl::UTCTimeZone()), what));
}

}  // namespace livecounter::simulation
