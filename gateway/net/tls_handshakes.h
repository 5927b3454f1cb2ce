// Whose TLS handshake can go on, on one loop. A handshake is a third of a millisecond of arithmetic, so a loop
// does a few, and then what else there is to do, before it does more: a storm of them leaves room for
// everybody else. The loop's thread only.

#ifndef LIVECOUNTER_GATEWAY_NET_TLS_HANDSHAKES_H_
#define LIVECOUNTER_GATEWAY_NET_TLS_HANDSHAKES_H_

#include "gateway/intrusive_list.h"
#include "gateway/net/loop.h"

namespace livecounter::gateway::net {

class TlsHandshakes {
 public:
  class Party : public ListNode<TlsHandshakes> {
   public:
    // It is its turn; may destroy it.
    virtual void ShakeHands() = 0;

   protected:
    ~Party() = default;
  };

  static constexpr int kATurn = 16;

  explicit TlsHandshakes(Loop& loop) : loop_(loop) {}
  TlsHandshakes(const TlsHandshakes&) = delete;
  TlsHandshakes& operator=(const TlsHandshakes&) = delete;

  // Calls party.ShakeHands() later, in the order of the calls; not if it is unlinked or gone by then.
  void Add(Party& party);

 private:
  void TakeTurn();

  Loop& loop_;
  IntrusiveList<Party, TlsHandshakes> waiting_;
  bool turn_is_coming_ = false;
};

}  // namespace livecounter::gateway::net

#endif  // LIVECOUNTER_GATEWAY_NET_TLS_HANDSHAKES_H_
