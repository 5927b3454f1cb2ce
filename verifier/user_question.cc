#include "verifier/user_question.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "verifier/endpoint_uri.h"
#include "verifier/signature.h"
#include "wire/names.h"
#include "wire/utf8.h"

namespace livecounter::verifier {
namespace {

constexpr size_t kMaxPresenceIdBytes = 256;
constexpr size_t kMaxApiKeys = 1'000;
constexpr size_t kMessageIdBytes = 18;

std::string Body(absl::string_view presence_id) {
  return nlohmann::json{{"pId", std::string(presence_id)}}.dump();
}

absl::Status InField(absl::string_view field, const absl::Status& status) {
  if (status.ok()) return status;
  return absl::InvalidArgumentError(absl::StrCat(field, ": ", status.message()));
}

}  // namespace

absl::Status CheckSettings(const EndpointSettings& endpoint) {
  if (endpoint.api_keys.empty() || endpoint.api_keys.size() > kMaxApiKeys) {
    return absl::InvalidArgumentError(
        absl::StrCat("endpoint.api_keys: it takes 1 to ", kMaxApiKeys, " active API keys"));
  }
  absl::Status secret =
      InField("endpoint.signing_secret", DecodeSigningSecret(endpoint.signing_secret).status());
  if (!secret.ok()) return secret;
  return InField("endpoint.uri", ParseEndpointUri(endpoint.uri).status());
}

absl::Status CheckQuestion(const UserQuestion& question) {
  absl::Status product = InField("product", wire::CheckProductName(question.product));
  if (!product.ok()) return product;
  const std::string& id = question.presence_id;
  if (id.empty() || id.size() > kMaxPresenceIdBytes || !wire::IsUtf8(id)) {
    return absl::InvalidArgumentError(
        absl::StrCat("presence_id: it takes 1 to ", kMaxPresenceIdBytes, " bytes of UTF-8"));
  }
  return CheckSettings(question.endpoint);
}

EndpointCall MakeCall(const EndpointSettings& endpoint, absl::string_view presence_id,
                      const absl::optional<observability::TraceContext>& trace, absl::Time now,
                      runtime::Random& random) {
  EndpointCall call;
  call.uri = endpoint.uri;
  call.body = Body(presence_id);
  const std::string id =
      absl::StrCat("msg_", absl::WebSafeBase64Escape(random.Bytes(kMessageIdBytes)));
  call.headers =
      SignatureHeaders(DecodeSigningSecret(endpoint.signing_secret).value(), id, now, call.body);
  if (trace.has_value()) {
    call.headers.push_back(absl::StrCat(observability::kTraceparent, ": ", trace->header()));
  }
  return call;
}

}  // namespace livecounter::verifier
