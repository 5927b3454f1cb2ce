// Signs our calls as Standard Webhooks 1.0.0 says (standardwebhooks.com), so that a customer can tell
// them from anyone's: the headers webhook-id, webhook-timestamp and webhook-signature. Pure; any thread.

#ifndef LIVECOUNTER_VERIFIER_SIGNATURE_H_
#define LIVECOUNTER_VERIFIER_SIGNATURE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace livecounter::verifier {

// The key of a signing secret: "whsec_" and the base64 of 24 to 64 bytes. InvalidArgument says what it
// takes, and never what it was.
absl::StatusOr<std::string> DecodeSigningSecret(absl::string_view secret);

// "v1," and the base64 of HMAC-SHA256 over `id.seconds.body`.
std::string Signature(absl::string_view key, absl::string_view id, absl::Time timestamp,
                      absl::string_view body);

// The three headers, each as "name: value". `id` is unique for each message.
std::vector<std::string> SignatureHeaders(absl::string_view key, absl::string_view id,
                                          absl::Time timestamp, absl::string_view body);

}  // namespace livecounter::verifier

#endif  // LIVECOUNTER_VERIFIER_SIGNATURE_H_
