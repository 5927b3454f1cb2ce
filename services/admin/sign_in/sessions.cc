#include "services/admin/sign_in/sessions.h"

#include <algorithm>
#include <utility>

#include "livecounter/storage/v1/records.pb.h"
#include "services/admin/record_access.h"
#include "services/admin/secrets.h"
#include "wire/field.h"

namespace livecounter::admin {
namespace {

using storage::v1::PasswordRecord;
using storage::v1::SessionRecord;

// Of an account, so that who signs in with every call does not fill the memory.
constexpr size_t kMaxSessions = 100;

absl::Time TimeOf(const google::protobuf::Timestamp& from) {
  return absl::FromUnixSeconds(from.seconds()) + absl::Nanoseconds(from.nanos());
}

counter::RecordWrite WriteOf(const runtime::Principal& session, uint64_t password_id) {
  SessionRecord record;
  record.set_account(session.account);
  record.set_password_id(password_id);
  wire::EncodeTime(session.expire_time, record.mutable_expire_time());
  return {.key = RecordKey(kSessionKind, session.session),
          .value = record.SerializeAsString(),
          .expire_at = session.expire_time};
}

}  // namespace

Sessions::Sessions(Records& records, const runtime::TokenVerifier& operator_token,
                   runtime::Clock& clock, runtime::Random& random)
    : records_(records), operator_token_(operator_token), clock_(clock), random_(random) {
  records.AddListener(kPasswordKind,
                      [this](const counter::RecordChange& change) { OnPassword(change); });
  records.AddListener(kSessionKind,
                      [this](const counter::RecordChange& change) { OnSession(change); });
}

absl::Status Sessions::Open() {
  return RetryConflicts([this]() -> absl::StatusOr<uint64_t> {
           const auto known = records_.Find(std::string(kTokenSaltKind));
           if (!known.ok()) return known.status();
           if (*known) {
             salt_ = (*known)->value;
             return (*known)->version;
           }
           salt_ = MakeSecret(random_);
           return records_.Write(
               {{.key = std::string(kTokenSaltKind), .value = salt_, .expected_version = 0}});
         })
      .status();
}

absl::StatusOr<runtime::Principal> Sessions::Resolve(absl::string_view token) const {
  if (operator_token_.Matches(token)) return runtime::Principal{.is_operator = true};
  const std::string name = HashHex(token, salt_);
  absl::ReaderMutexLock lock(&mutex_);
  const auto found = sessions_.find(name);
  if (found == sessions_.end()) return runtime::UnknownToken();
  const Session& session = found->second;
  const auto password = password_ids_.find(session.account);
  if (session.expire_time <= clock_.Now() || password == password_ids_.end() ||
      password->second != session.password_id) {
    return runtime::UnknownToken();
  }
  return runtime::Principal{
      .account = session.account, .session = name, .expire_time = session.expire_time};
}

Sessions::NewSession Sessions::Make(const std::string& account, uint64_t password_id) const {
  NewSession made;
  made.token = runtime::MakeToken(random_);
  made.principal = {.account = account,
                    .session = HashHex(made.token, salt_),
                    .expire_time = clock_.Now() + kLifetime};
  made.writes.push_back(WriteOf(made.principal, password_id));
  for (const std::string& session : Surplus(account)) made.writes.push_back(End(session));
  return made;
}

counter::RecordWrite Sessions::Keep(const runtime::Principal& session, uint64_t password_id) const {
  return WriteOf(session, password_id);
}

counter::RecordWrite Sessions::End(absl::string_view session) {
  return {.key = RecordKey(kSessionKind, session)};
}

std::vector<std::string> Sessions::Of(absl::string_view account) const {
  absl::ReaderMutexLock lock(&mutex_);
  const auto found = of_account_.find(account);
  if (found == of_account_.end()) return {};
  return {found->second.begin(), found->second.end()};
}

std::vector<std::string> Sessions::Surplus(const std::string& account) const {
  absl::ReaderMutexLock lock(&mutex_);
  const auto found = of_account_.find(account);
  if (found == of_account_.end() || found->second.size() < kMaxSessions) return {};
  std::vector<std::string> names(found->second.begin(), found->second.end());
  std::sort(names.begin(), names.end(), [this](const std::string& a, const std::string& b) {
    mutex_.AssertReaderHeld();
    return sessions_.at(a).expire_time < sessions_.at(b).expire_time;
  });
  names.resize(names.size() - kMaxSessions + 1);
  return names;
}

void Sessions::OnSession(const counter::RecordChange& change) {
  std::string name = change.key.substr(kSessionKind.size());
  absl::MutexLock lock(&mutex_);
  Forget(name);
  SessionRecord record;
  if (!change.value || !record.ParseFromString(*change.value)) return;
  // The store drops what is over without a word.
  const absl::Time now = clock_.Now();
  auto& siblings = of_account_[record.account()];
  const std::vector<std::string> known(siblings.begin(), siblings.end());
  for (const std::string& sibling : known) {
    if (sessions_.at(sibling).expire_time <= now) Forget(sibling);
  }
  of_account_[record.account()].insert(name);
  sessions_[std::move(name)] = {record.account(), record.password_id(),
                                TimeOf(record.expire_time())};
}

void Sessions::OnPassword(const counter::RecordChange& change) {
  const std::string account = change.key.substr(kPasswordKind.size());
  absl::MutexLock lock(&mutex_);
  PasswordRecord record;
  if (change.value && record.ParseFromString(*change.value)) {
    password_ids_[account] = record.id();
  } else {
    password_ids_.erase(account);
  }
}

void Sessions::Forget(const std::string& session) {
  const auto found = sessions_.find(session);
  if (found == sessions_.end()) return;
  const auto siblings = of_account_.find(found->second.account);
  siblings->second.erase(session);
  if (siblings->second.empty()) of_account_.erase(siblings);
  sessions_.erase(found);
}

}  // namespace livecounter::admin
