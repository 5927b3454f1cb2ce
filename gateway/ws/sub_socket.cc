#include "gateway/ws/sub_socket.h"

#include "absl/strings/str_cat.h"

namespace livecounter::gateway {
namespace {

constexpr uint16_t kMessageTooBig = 1009;

}  // namespace

void SubSocket::OnMessage(Connection& /*connection*/, absl::string_view payload,
                          bool /*is_final*/) {
  received_ += payload.size();
  if (received_ <= kMaxReceived) return;
  Close({.code = kMessageTooBig,
         .text = absl::StrCat("this protocol takes no messages; over ", kMaxReceived,
                              " bytes of them were sent")});
}

void SubSocket::Heartbeat() {
  connection().Ping();
  parts().hub.Repeat(*this);
}

}  // namespace livecounter::gateway
