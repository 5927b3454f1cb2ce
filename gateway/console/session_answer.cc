#include "gateway/console/session_answer.h"

#include "gateway/console/credentials.h"
#include "gateway/console/method_table.h"
#include "google/protobuf/descriptor.h"
#include "livecounter/v1/admin_service.pb.h"
#include "services/runtime/bearer_token.h"

namespace livecounter::gateway::console {
namespace {

constexpr absl::string_view kSignIn = "/livecounter.v1.AdminService/SignIn";
constexpr absl::string_view kSignUp = "/livecounter.v1.AdminService/SignUp";
constexpr absl::string_view kSignOut = "/livecounter.v1.AdminService/SignOut";
constexpr absl::string_view kGetSession = "/livecounter.v1.AdminService/GetSession";

absl::Time ExpiryOf(const v1::Session& session) {
  if (!session.has_expire_time()) return absl::InfiniteFuture();
  return absl::FromUnixSeconds(session.expire_time().seconds());
}

bool IsSignedOut(const absl::Status& status) {
  return status.ok() || absl::IsUnauthenticated(status) || absl::IsFailedPrecondition(status);
}

// The token that the session is of: the answer's, or of GetSession the one that the browser sent. Empty for neither.
std::string TokenOf(const google::protobuf::MethodDescriptor& method, const Request& request,
                    const v1::Session& session) {
  if (BeginsSession(method)) return session.token();
  const auto own = runtime::ParseAuthorization(request.header("authorization").value_or(""));
  return own.ok() ? std::string(*own) : "";
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
  if (GrpcPath(method) == kSignOut && IsSignedOut(status)) return NoSessionCookie(is_secure);
  v1::Session session;
  const bool is_of_session = BeginsSession(method) || GrpcPath(method) == kGetSession;
  if (!status.ok() || !is_of_session || !session.ParseFromString(message)) return absl::nullopt;
  const std::string token = TokenOf(method, request, session);
  if (token.empty()) return absl::nullopt;
  std::string cookie = SessionCookie(token, ExpiryOf(session), now, is_secure);
  session.clear_token();
  message = session.SerializeAsString();
  return cookie;
}

}  // namespace livecounter::gateway::console
