// Tokens and who they speak for: the operator's, and those of accounts' sessions. All sessions are in
// memory, as the records say. Of a token only a salted hash is kept.
//
// A session ends at its time, with a sign-out, and with the password it was started with.

#ifndef LIVECOUNTER_SERVICES_ADMIN_SIGN_IN_SESSIONS_H_
#define LIVECOUNTER_SERVICES_ADMIN_SIGN_IN_SESSIONS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "services/admin/records.h"
#include "services/runtime/bearer_token.h"
#include "services/runtime/clock.h"
#include "services/runtime/principal.h"
#include "services/runtime/random.h"

namespace livecounter::admin {

// Methods may be called from any thread, after Open().
class Sessions final : public runtime::PrincipalResolver {
 public:
  // A session lasts this long, used or not.
  static constexpr absl::Duration kLifetime = absl::Hours(24 * 30);

  // A session that its writes would make.
  struct NewSession {
    std::string token;
    runtime::Principal principal;
    // The session's record, and the end of the account's oldest where it has too many.
    std::vector<counter::RecordWrite> writes;
  };

  // Adds itself to `records`. All outlive it.
  Sessions(Records& records, const runtime::TokenVerifier& operator_token, runtime::Clock& clock,
           runtime::Random& random);

  // Reads the salt of tokens, or makes it: once, after Records::Open(). Blocks.
  absl::Status Open();

  absl::StatusOr<runtime::Principal> Resolve(absl::string_view token) const override;

  // A session of `account`, started with the password of this id.
  NewSession Make(const std::string& account, uint64_t password_id) const;
  // The write that keeps `session` going under the password of this id.
  counter::RecordWrite Keep(const runtime::Principal& session, uint64_t password_id) const;
  // The write that ends a session of this name (Principal::session).
  static counter::RecordWrite End(absl::string_view session);
  // The names of an account's sessions, in no order.
  std::vector<std::string> Of(absl::string_view account) const;

 private:
  struct Session {
    std::string account;
    uint64_t password_id = 0;
    absl::Time expire_time;
  };

  void OnSession(const counter::RecordChange& change) ABSL_LOCKS_EXCLUDED(mutex_);
  void OnPassword(const counter::RecordChange& change) ABSL_LOCKS_EXCLUDED(mutex_);
  void Forget(const std::string& session) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // The sessions to end before one more begins.
  std::vector<std::string> Surplus(const std::string& account) const ABSL_LOCKS_EXCLUDED(mutex_);

  Records& records_;
  const runtime::TokenVerifier& operator_token_;
  runtime::Clock& clock_;
  runtime::Random& random_;
  std::string salt_;  // set by Open()
  mutable absl::Mutex mutex_;
  absl::flat_hash_map<std::string, Session> sessions_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, absl::flat_hash_set<std::string>> of_account_
      ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, uint64_t> password_ids_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace livecounter::admin

#endif  // LIVECOUNTER_SERVICES_ADMIN_SIGN_IN_SESSIONS_H_
