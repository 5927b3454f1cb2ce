// SHA-256 of bytes that come piece by piece. One thread at a time.

#ifndef LIVECOUNTER_SERVICES_RUNTIME_SHA256_H_
#define LIVECOUNTER_SERVICES_RUNTIME_SHA256_H_

#include <memory>
#include <string>

#include "absl/strings/string_view.h"

struct evp_md_ctx_st;

namespace livecounter::runtime {

class Sha256 {
 public:
  Sha256();

  void Update(absl::string_view bytes);
  // Of all bytes so far, in lower-case hexadecimal; the next Update() begins anew.
  std::string Finish();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };

  void Begin();

  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

}  // namespace livecounter::runtime

#endif  // LIVECOUNTER_SERVICES_RUNTIME_SHA256_H_
