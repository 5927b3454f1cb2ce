#include "services/admin/system_status.h"

#include "wire/field.h"

namespace livecounter::admin {
namespace {

using View = SessionTable::SessionView;

v1::GatewaySession::State ToMessage(View::State state) {
  switch (state) {
    case View::State::kAttached:
      return v1::GatewaySession::ATTACHED;
    case View::State::kResending:
      return v1::GatewaySession::RESENDING;
    case View::State::kLost:
      return v1::GatewaySession::LOST;
    case View::State::kDetached:
      return v1::GatewaySession::DETACHED;
  }
  return v1::GatewaySession::STATE_UNSPECIFIED;
}

}  // namespace

void FillSystemStatus(const counter::ReplicaStatus& from, v1::SystemStatus* to) {
  to->set_recovering(from.recovering);
  to->set_present(from.present);
  to->set_audit_mismatches(from.audit_mismatches);
  for (const auto& [view, connections] : from.sessions) {
    v1::GatewaySession* session = to->add_sessions();
    session->set_holder(view.holder.ToHex());
    session->set_stream(view.stream);
    session->set_state(ToMessage(view.state));
    session->set_present(view.present);
    session->set_connections(connections);
    wire::EncodeTime(view.expires_at, session->mutable_expire_time());
  }
}

}  // namespace livecounter::admin
