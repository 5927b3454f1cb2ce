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
  CustomerEndpoint* calls = calls_.get();
  CustomerEndpoint* probe_calls = probe_calls_.get();
  if (!options.demo_api_key.empty()) {
    demo_calls_ = std::make_unique<DemoCustomerEndpoint>(options.demo_api_key, *calls_);
    demo_probe_calls_ = std::make_unique<DemoCustomerEndpoint>(options.demo_api_key, *probe_calls_);
    calls = demo_calls_.get();
    probe_calls = demo_probe_calls_.get();
  }
  verification_ =
      std::make_unique<Verification>(options.desk, *calls, parts.clock, parts.random, metrics_);
  service_ = std::make_unique<VerifierService>(
      *verification_, EndpointProbe::Parts{*probe_calls, limits_, parts.clock, parts.random},
      tokens_, metrics_);
}

Verifier::~Verifier() {
  Stop();
  // What they call back is still there.
  demo_probe_calls_.reset();
  demo_calls_.reset();
  probe_calls_.reset();
  calls_.reset();
}

}  // namespace livecounter::verifier
