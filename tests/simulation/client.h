// A simulated browser: watches one counter through any gateway, comes back when it is sent away,
// maybe leaves and returns, maybe posts hits; and checks what it is shown.

#ifndef LIVECOUNTER_TESTS_SIMULATION_CLIENT_H_
#define LIVECOUNTER_TESTS_SIMULATION_CLIENT_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/ids.h"
#include "tests/simulation/gateway.h"
#include "tests/simulation/ledger.h"
#include "tests/simulation/scheduler.h"

namespace livecounter::simulation {

class Client {
 public:
  struct Traits {
    CounterId counter;
    PresenceHash user;  // tabs of one user share it
    bool contributes = true;
    bool restless = false;  // leaves and returns of its own will
    double posts_per_second = 0;
    bool keyed = false;  // posts with a key, and repeats until answered
  };
  // Tells the world of a value shown to a connection: (client, value before on this connection or
  // nothing, value now).
  using OnShown = std::function<void(const Client&, absl::optional<int64_t>, int64_t)>;

  Client(Scheduler* scheduler, std::vector<std::unique_ptr<Gateway>>* gateways, Ledger* ledger,
         Traits traits, OnShown on_shown);

  void Start();
  // From now on the client posts nothing and only stays; some restless ones leave for good.
  void Rest();
  bool gone() const { return !wants_in_; }

  const Traits& traits() const { return traits_; }
  bool connected() const { return connection_ != nullptr; }
  // Since when the client has been here without leaving of its own will, reconnects included;
  // InfiniteFuture when it is not here.
  absl::Time here_since() const { return here_since_; }
  // The newest value on the present connection.
  absl::optional<Change> shown() const { return shown_; }
  const std::vector<std::string>& violations() const { return violations_; }

 private:
  void Connect();
  void Reconnect();
  void LeaveAndReturn();
  void Leave(absl::Duration away);
  void OnChange(const Change& change);
  void PostOften();
  void PostKeyed(const std::string& key, int timeline);
  Gateway* AnyGateway();

  Scheduler* scheduler_;
  std::vector<std::unique_ptr<Gateway>>* gateways_;
  Ledger* ledger_;
  Traits traits_;
  OnShown on_shown_;
  bool resting_ = false;
  bool wants_in_ = true;
  int leaves_ = 0;
  Gateway* gateway_ = nullptr;
  int incarnation_ = 0;
  std::shared_ptr<Connection> connection_;
  absl::optional<Change> shown_;
  absl::Time here_since_ = absl::InfiniteFuture();
  std::vector<std::string> violations_;
};

}  // namespace livecounter::simulation

#endif  // LIVECOUNTER_TESTS_SIMULATION_CLIENT_H_
