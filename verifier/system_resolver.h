// Names as this machine resolves them: getaddrinfo() on a few threads of its own.

#ifndef LIVECOUNTER_VERIFIER_SYSTEM_RESOLVER_H_
#define LIVECOUNTER_VERIFIER_SYSTEM_RESOLVER_H_

#include <functional>
#include <memory>
#include <string>

#include "verifier/resolver.h"

namespace livecounter::verifier {

class SystemResolver final : public Resolver {
 public:
  // The addresses of a host, found on the thread that asks; may block.
  using LookUp = std::function<absl::StatusOr<Addresses>(const std::string& host)>;

  // So many look-ups at a time; up to 1,000 more wait their turn. Each gives up after a few seconds, so that
  // customers whose name servers say nothing do not keep the others waiting. `look_up` is for tests.
  explicit SystemResolver(int threads = 64, LookUp look_up = AskThisMachine);
  // Does not wait for look-ups under way: their threads end by themselves, and touch nothing of ours but
  // `look_up`, which may outlive the resolver so. Those that wait are forgotten.
  ~SystemResolver() override;

  // NotFound for a name without addresses; ResourceExhausted where too many wait.
  void Resolve(const std::string& host, Done done) override;

 private:
  struct State;
  static absl::StatusOr<Addresses> AskThisMachine(const std::string& host);
  static void Run(const std::shared_ptr<State>& state);

  const std::shared_ptr<State> state_;
};

}  // namespace livecounter::verifier

#endif  // LIVECOUNTER_VERIFIER_SYSTEM_RESOLVER_H_
