#include "gateway/console/session_answer.h"

#include "gateway/console/credentials.h"
#include "gateway/console/method_table.h"
#include "google/protobuf/descriptor.h"
#include "livecounter/v1/admin_service.pb.h"

namespace livecounter::gateway::console {
namespace {

constexpr absl::string_view kSignIn = "/livecounter.v1.AdminService/SignIn";
constexpr absl::string_view kSignUp = "/livecounter.v1.AdminService/SignUp";
constexpr absl::string_view kSignOut = "/livecounter.v1.AdminService/SignOut";

absl::Time ExpiryOf(const v1::Session& session) {
  if (!session.has_expire_time()) return absl::InfiniteFuture();
  return absl::FromUnixSeconds(session.expire_time().seconds());
}

}  // namespace

bool BeginsSession(const google::protobuf::MethodDescriptor& method) {
  const std::string path = GrpcPath(method);
  return path == kSignIn || path == kSignUp;
}

absl::optional<std::string> TakeSession(const google::protobuf::MethodDescriptor& method,
                                        const Request& request, const absl::Status& status,
                                        absl::Time now, bool own_tls, std::string& message) {
  if (!IsOfBrowser(request)) return absl::nullopt;
  const bool is_secure = IsSecure(request, own_tls);
  if (GrpcPath(method) == kSignOut && (status.ok() || absl::IsUnauthenticated(status))) {
    return NoSessionCookie(is_secure);
  }
  v1::Session session;
  if (!status.ok() || !BeginsSession(method) || !session.ParseFromString(message)) {
    return absl::nullopt;
  }
  std::string cookie = SessionCookie(session.token(), ExpiryOf(session), now, is_secure);
  session.clear_token();
  message = session.SerializeAsString();
  return cookie;
}

}  // namespace livecounter::gateway::console
