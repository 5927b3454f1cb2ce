#include "verifier/verifier.h"

#include "verifier/system_resolver.h"

namespace livecounter::verifier {

Verifier::Verifier(const Options& options, const Parts& parts) : metrics_(parts.registry) {
  for (const std::string& token : options.tokens) tokens_.emplace_back(token, parts.random);
  const HttpCustomerEndpoint::Options endpoint_options = {
      .policy = AddressPolicy(options.allow_private_networks), .ca_file = options.ca_file};
  resolver_ = std::make_unique<CachingResolver>(CachingResolver::Options(),
                                                std::make_unique<SystemResolver>(), parts.clock);
  calls_ = std::make_unique<HttpCustomerEndpoint>(endpoint_options, *resolver_);
  probe_calls_ = std::make_unique<HttpCustomerEndpoint>(endpoint_options, *resolver_);
  verification_ =
      std::make_unique<Verification>(options.desk, *calls_, parts.clock, parts.random, metrics_);
  service_ = std::make_unique<VerifierService>(
      *verification_, EndpointProbe::Parts{*probe_calls_, limits_, parts.clock, parts.random},
      tokens_);
}

Verifier::~Verifier() {
  Stop();
  probe_calls_.reset();
  calls_.reset();  // what it calls back is still there
}

}  // namespace livecounter::verifier
