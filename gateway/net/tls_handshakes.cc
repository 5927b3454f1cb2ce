#include "gateway/net/tls_handshakes.h"

#include <utility>

namespace livecounter::gateway::net {

void TlsHandshakes::Add(Party& party) {
  waiting_.PushBack(party);
  if (!std::exchange(turn_is_coming_, true)) loop_.Defer([this] { TakeTurn(); });
}

void TlsHandshakes::TakeTurn() {
  for (int i = 0; i < kATurn && !waiting_.empty(); ++i) {
    Party& party = waiting_.front();
    party.Unlink();
    party.ShakeHands();
  }
  turn_is_coming_ = !waiting_.empty();
  if (turn_is_coming_) loop_.Defer([this] { TakeTurn(); });
}

}  // namespace livecounter::gateway::net
