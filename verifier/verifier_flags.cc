#include "verifier/verifier_flags.h"

#include <string>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "services/runtime/tls_files.h"

ABSL_FLAG(
    livecounter::runtime::IpRanges, verifier_allow_private_networks, {},
    "Networks that are not public, and in which customers' endpoints may be all the same. Whoever "
    "may set an endpoint can then reach what is there.");
ABSL_FLAG(std::string, verifier_ca_file, "",
          "Whose certificates of customers' endpoints are trusted, in place of the system's.");

namespace livecounter::verifier {
namespace {

constexpr char kNetworksTake[] =
    "IP ranges with commas between, as 10.0.0.0/8,fd00::/8, or nothing for none";
constexpr char kCaFileTakes[] = "a PEM file with certificates, or nothing for the system's";

}  // namespace

runtime::FlagGroup VerifierFlags() {
  return {"Verification",
          {runtime::OwnFlag(FLAGS_verifier_allow_private_networks, {.takes = kNetworksTake}),
           runtime::OwnFlag(FLAGS_verifier_ca_file, {.takes = kCaFileTakes})}};
}

absl::StatusOr<Options> OptionsFromFlags() {
  Options options;
  options.allow_private_networks = absl::GetFlag(FLAGS_verifier_allow_private_networks);
  options.ca_file = absl::GetFlag(FLAGS_verifier_ca_file);
  if (const auto pem = runtime::LoadTlsFiles({.ca = options.ca_file}); !pem.ok()) {
    return runtime::BadFlag("verifier_ca_file",
                            absl::StrCat(kCaFileTakes, "; ", pem.status().message()));
  }
  return options;
}

}  // namespace livecounter::verifier
