#include "services/admin/admin_service.h"

#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "livecounter/v1/admin_service.grpc.pb.h"
#include "services/admin/access.h"
#include "services/admin/accounts.h"
#include "services/admin/api_keys.h"
#include "services/admin/backup_downloads.h"
#include "services/admin/catalog.h"
#include "services/admin/checks.h"
#include "services/admin/endpoint_tests.h"
#include "services/admin/products.h"
#include "services/admin/refused_stream.h"
#include "services/admin/sign_in/sign_in.h"
#include "services/admin/system_status.h"
#include "services/admin/usage.h"
#include "services/counter/engine.h"
#include "services/counter/replica_loop.h"
#include "services/runtime/call_authorization.h"
#include "services/runtime/grpc_status.h"
#include "services/runtime/grpc_trace.h"
#include "services/runtime/version.h"
#include "wire/field.h"

namespace livecounter::admin {
namespace {

using google::protobuf::Empty;
using grpc::CallbackServerContext;
using runtime::Principal;
using Reactor = grpc::ServerUnaryReactor;
using ProgressReactor = EndpointTests::Reactor;
using RefusedProgress = RefusedStream<v1::VerificationProgress>;

constexpr absl::string_view kAllAccounts = "accounts/-";
// Under way and waiting: half of what waits for the workers of passwords (admin.cc).
constexpr int kMaxSignUps = 8;

absl::Status Busy() {
  return runtime::WithReason(
      absl::ResourceExhaustedError("too many calls wait; try again in a moment"), "BUSY");
}

absl::Status CheckDirectory(absl::string_view directory) {
  if (absl::StartsWith(directory, "/")) return absl::OkStatus();
  return Wrong("directory", absl::StrCat("\"", absl::CHexEscape(directory), "\""),
               "an absolute path on the machine of the counter service, where nothing is yet");
}

// Finishes a call with what its method returned.
void Answer(Reactor* reactor, const absl::Status& status, Empty* /*response*/) {
  reactor->Finish(runtime::ToGrpcStatus(status));
}
template <typename Response>
void Answer(Reactor* reactor, absl::StatusOr<Response> result, Response* response) {
  if (!result.ok()) return reactor->Finish(runtime::ToGrpcStatus(result.status()));
  *response = *std::move(result);
  reactor->Finish(grpc::Status::OK);
}

// So many at a time. Any thread; what it gave may outlive it.
class Places {
 public:
  explicit Places(int places) : free_(std::make_shared<std::atomic<int>>(places)) {}

  // Null where all are taken; the place is free again when the last copy ends.
  std::shared_ptr<void> Take() {
    if (free_->fetch_sub(1) > 0) {
      return {free_.get(), [free = free_](std::atomic<int>* places) { ++*places; }};
    }
    ++*free_;
    return nullptr;
  }

 private:
  std::shared_ptr<std::atomic<int>> free_;
};

}  // namespace

// A reactor, its request and its response live until it is finished, also when the client is gone: what
// runs on a worker may use them.
class AdminService::Impl final : public v1::AdminService::CallbackService {
 public:
  explicit Impl(const Parts& parts) : parts_(parts) {}

  // --- Accounts. ---

  Reactor* CreateAccount(CallbackServerContext* context, const v1::CreateAccountRequest* request,
                         v1::Account* response) override {
    return Run(context, response, Access::Operator(), [this, request](const Principal& caller) {
      return parts_.accounts.Create(caller, *request);
    });
  }
  Reactor* GetAccount(CallbackServerContext* context, const v1::GetAccountRequest* request,
                      v1::Account* response) override {
    return RunHere(context, response, Access::Owner("account", request->name()),
                   [this, request](const Principal&) { return parts_.accounts.Get(*request); });
  }
  Reactor* ListAccounts(CallbackServerContext* context, const v1::ListAccountsRequest* request,
                        v1::ListAccountsResponse* response) override {
    return RunHere(context, response, Access::AnyCaller(),
                   [this, request](const Principal& caller) {
                     return parts_.accounts.List(caller, *request);
                   });
  }
  Reactor* UpdateAccount(CallbackServerContext* context, const v1::UpdateAccountRequest* request,
                         v1::Account* response) override {
    return Run(context, response, Access::Owner("account", request->account().name()),
               [this, request](const Principal&) { return parts_.accounts.Update(*request); });
  }
  Reactor* ActivateAccount(CallbackServerContext* context,
                           const v1::ActivateAccountRequest* request,
                           v1::Account* response) override {
    return Run(context, response, Access::Operator(),
               [this, request](const Principal&) { return parts_.accounts.Activate(*request); });
  }
  Reactor* DeactivateAccount(CallbackServerContext* context,
                             const v1::DeactivateAccountRequest* request,
                             v1::Account* response) override {
    return Run(context, response, Access::Operator(),
               [this, request](const Principal&) { return parts_.accounts.Deactivate(*request); });
  }
  Reactor* DeleteAccount(CallbackServerContext* context, const v1::DeleteAccountRequest* request,
                         Empty* response) override {
    return Run(context, response, Access::Operator(),
               [this, request](const Principal&) { return parts_.accounts.Delete(*request); });
  }

  // --- Products. ---

  Reactor* CreateProduct(CallbackServerContext* context, const v1::CreateProductRequest* request,
                         v1::Product* response) override {
    return Run(context, response, Access::Owner("account", request->parent()),
               [this, request](const Principal& caller) {
                 return parts_.products.Create(caller, *request);
               });
  }
  Reactor* GetProduct(CallbackServerContext* context, const v1::GetProductRequest* request,
                      v1::Product* response) override {
    return RunHere(context, response, Access::Owner("product", request->name()),
                   [this, request](const Principal&) { return parts_.products.Get(*request); });
  }
  Reactor* ListProducts(CallbackServerContext* context, const v1::ListProductsRequest* request,
                        v1::ListProductsResponse* response) override {
    const Access access = request->parent() == kAllAccounts
                              ? Access::Operator()
                              : Access::Owner("account", request->parent());
    return RunHere(context, response, access,
                   [this, request](const Principal&) { return parts_.products.List(*request); });
  }
  Reactor* UpdateProduct(CallbackServerContext* context, const v1::UpdateProductRequest* request,
                         v1::Product* response) override {
    return Run(context, response, Access::Owner("product", request->product().name()),
               [this, request](const Principal&) { return parts_.products.Update(*request); });
  }
  Reactor* DeleteProduct(CallbackServerContext* context, const v1::DeleteProductRequest* request,
                         Empty* response) override {
    return Run(context, response, Access::Owner("product", request->name()),
               [this, request](const Principal&) { return parts_.products.Delete(*request); });
  }

  // --- API keys. ---

  Reactor* CreateApiKey(CallbackServerContext* context, const v1::CreateApiKeyRequest* request,
                        v1::ApiKey* response) override {
    return Run(context, response, Access::Owner("product", request->parent()),
               [this, request](const Principal& caller) {
                 return parts_.api_keys.Create(caller, *request);
               });
  }
  Reactor* GetApiKey(CallbackServerContext* context, const v1::GetApiKeyRequest* request,
                     v1::ApiKey* response) override {
    return RunHere(context, response, Access::Owner("API key", request->name()),
                   [this, request](const Principal&) { return parts_.api_keys.Get(*request); });
  }
  Reactor* ListApiKeys(CallbackServerContext* context, const v1::ListApiKeysRequest* request,
                       v1::ListApiKeysResponse* response) override {
    return RunHere(context, response, Access::Owner("product", request->parent()),
                   [this, request](const Principal&) { return parts_.api_keys.List(*request); });
  }
  Reactor* RevokeApiKey(CallbackServerContext* context, const v1::RevokeApiKeyRequest* request,
                        v1::ApiKey* response) override {
    return Run(context, response, Access::Owner("API key", request->name()),
               [this, request](const Principal&) { return parts_.api_keys.Revoke(*request); });
  }

  // --- Usage. ---

  Reactor* GetUsage(CallbackServerContext* context, const v1::GetUsageRequest* request,
                    v1::GetUsageResponse* response) override {
    const Access access = request->name() == kAllAccounts
                              ? Access::AnyCaller()
                              : Access::Owner("account", request->name());
    return Authorized(context, access, [&](const Principal& caller, Reactor* reactor) {
      // Null for an operator. A session ends with its account.
      const std::shared_ptr<const Account> own = parts_.catalog.FindAccount(caller.account);
      auto query = CheckUsage(*request, own.get(), parts_.clock.Now());
      if (own == nullptr && !caller.is_operator) query = runtime::NoSuch("account", caller.account);
      if (!query.ok()) return reactor->Finish(runtime::ToGrpcStatus(query.status()));
      if (query->name == kAllAccounts || IsThere(query->name)) {
        return ReadUsage(*query, reactor, response);
      }
      // What is deleted is known by what it has used.
      parts_.engine.ReadUsage(
          AnyUsage(query->name, own.get()),
          [this, query = *query, reactor, response](absl::StatusOr<std::vector<UsageEntry>> any) {
            if (any.ok() && any->empty()) any = runtime::NoSuch("resource", query.name);
            if (!any.ok()) return reactor->Finish(runtime::ToGrpcStatus(any.status()));
            ReadUsage(query, reactor, response);
          });
    });
  }

  // --- Verification. ---

  ProgressReactor* TestVerification(CallbackServerContext* context,
                                    const v1::TestVerificationRequest* request) override {
    const auto caller = Authorize(*context, Access::Owner("product", request->name()));
    if (!caller.ok()) return new RefusedProgress(caller.status());
    return parts_.endpoint_tests.Test(*request, runtime::TraceOf(*context));
  }
  ProgressReactor* SaveVerification(CallbackServerContext* context,
                                    const v1::SaveVerificationRequest* request) override {
    const auto caller = Authorize(*context, Access::Owner("product", request->name()));
    if (!caller.ok()) return new RefusedProgress(caller.status());
    return parts_.endpoint_tests.Save(*request, runtime::TraceOf(*context));
  }

  // --- Sessions and passwords. ---

  Reactor* SignUp(CallbackServerContext* context, const v1::SignUpRequest* request,
                  v1::Session* response) override {
    Reactor* reactor = context->DefaultReactor();
    // Anybody may sign up: that leaves room for those who have an account.
    std::shared_ptr<void> place = sign_ups_.Take();
    const bool accepted = place != nullptr && TryRunOn(parts_.password_workers, context, reactor,
                                                       response, [this, request, place] {
                                                         return parts_.sign_in.SignUp(*request);
                                                       });
    if (!accepted) reactor->Finish(runtime::ToGrpcStatus(Busy()));
    return reactor;
  }
  Reactor* SignIn(CallbackServerContext* context, const v1::SignInRequest* request,
                  v1::Session* response) override {
    Reactor* reactor = context->DefaultReactor();
    if (absl::Status admitted = parts_.sign_in.Admit(*request); !admitted.ok()) {
      reactor->Finish(runtime::ToGrpcStatus(admitted));
      return reactor;
    }
    const bool accepted = TryRunOn(parts_.password_workers, context, reactor, response,
                                   [this, request] { return parts_.sign_in.Start(*request); });
    if (accepted) return reactor;
    parts_.sign_in.Withdraw(*request);
    reactor->Finish(runtime::ToGrpcStatus(Busy()));
    return reactor;
  }
  Reactor* SignOut(CallbackServerContext* context, const v1::SignOutRequest* /*request*/,
                   Empty* response) override {
    return Run(context, response, Access::AnyCaller(),
               [this](const Principal& caller) { return parts_.sign_in.SignOut(caller); });
  }
  Reactor* GetSession(CallbackServerContext* context, const v1::GetSessionRequest* /*request*/,
                      v1::Session* response) override {
    return RunHere(context, response, Access::AnyCaller(), [](const Principal& caller) {
      return absl::StatusOr<v1::Session>(admin::SignIn::Get(caller));
    });
  }
  Reactor* SetPassword(CallbackServerContext* context, const v1::SetPasswordRequest* request,
                       Empty* response) override {
    const Access access =
        request->name().empty() ? Access::AnyCaller() : Access::Owner("account", request->name());
    return Authorized(context, access, [&](const Principal& caller, Reactor* reactor) {
      RunOn(parts_.password_workers, context, reactor, response,
            [this, request, caller] { return parts_.sign_in.SetPassword(caller, *request); });
    });
  }

  // --- The store. ---

  Reactor* Backup(CallbackServerContext* context, const v1::BackupRequest* request,
                  Empty* /*response*/) override {
    return Authorized(context, Access::Operator(), [&](const Principal&, Reactor* reactor) {
      absl::Status form = CheckDirectory(request->directory());
      if (!form.ok()) return reactor->Finish(runtime::ToGrpcStatus(form));
      parts_.engine.Backup(request->directory(), [reactor](const absl::Status& status) {
        reactor->Finish(runtime::ToGrpcStatus(status));
      });
    });
  }
  BackupDownloads::Reactor* DownloadBackup(CallbackServerContext* context,
                                           const v1::DownloadBackupRequest* /*request*/) override {
    const auto caller = Authorize(*context, Access::Operator());
    if (!caller.ok()) return new RefusedStream<v1::BackupChunk>(caller.status());
    return parts_.backup_downloads.Start();
  }

  Reactor* GetSystemStatus(CallbackServerContext* context,
                           const v1::GetSystemStatusRequest* /*request*/,
                           v1::SystemStatus* response) override {
    return Authorized(context, Access::Operator(), [&](const Principal&, Reactor* reactor) {
      response->set_version(std::string(runtime::Version()));
      wire::EncodeTime(start_, response->mutable_start_time());
      response->set_epoch(parts_.engine.Epoch());
      parts_.replica.Post([response, reactor](const counter::Replica& replica) {
        FillSystemStatus(replica.Status(), response);
        reactor->Finish(grpc::Status::OK);
      });
    });
  }

 private:
  absl::StatusOr<Principal> Authorize(const CallbackServerContext& context,
                                      const Access& access) const {
    absl::StatusOr<Principal> caller = runtime::Authenticate(context, parts_.callers);
    if (!caller.ok()) return caller;
    if (absl::Status denied = access.Check(*caller); !denied.ok()) return denied;
    return caller;
  }

  void ReadUsage(const counter::UsageQuery& query, Reactor* reactor,
                 v1::GetUsageResponse* response) {
    parts_.engine.ReadUsage(
        query, [query, reactor, response](const absl::StatusOr<std::vector<UsageEntry>>& usage) {
          if (usage.ok()) *response = ToMessage(query, *usage);
          reactor->Finish(runtime::ToGrpcStatus(usage.status()));
        });
  }

  // Whether there is an account or product of this name.
  bool IsThere(absl::string_view name) const {
    return parts_.catalog.HasProduct(name) || parts_.catalog.FindAccount(name) != nullptr;
  }

  // What every method but sign-up and sign-in begins with. `go(caller, reactor)` finishes the call.
  template <typename Go>
  Reactor* Authorized(CallbackServerContext* context, const Access& access, Go go) {
    Reactor* reactor = context->DefaultReactor();
    const absl::StatusOr<Principal> caller = Authorize(*context, access);
    if (caller.ok()) {
      go(*caller, reactor);
    } else {
      reactor->Finish(runtime::ToGrpcStatus(caller.status()));
    }
    return reactor;
  }

  // A method that does not block.
  template <typename Response, typename Method>
  Reactor* RunHere(CallbackServerContext* context, Response* response, const Access& access,
                   Method method) {
    return Authorized(context, access, [&](const Principal& caller, Reactor* reactor) {
      Answer(reactor, method(caller), response);
    });
  }

  // A method that waits for the store.
  template <typename Response, typename Method>
  Reactor* Run(CallbackServerContext* context, Response* response, const Access& access,
               Method method) {
    return Authorized(context, access, [&](const Principal& caller, Reactor* reactor) {
      RunOn(parts_.workers, context, reactor, response,
            [method, caller] { return method(caller); });
    });
  }

  template <typename Response, typename Method>
  static void RunOn(runtime::WorkerPool& workers, CallbackServerContext* context, Reactor* reactor,
                    Response* response, Method method) {
    if (!TryRunOn(workers, context, reactor, response, method)) {
      reactor->Finish(runtime::ToGrpcStatus(Busy()));
    }
  }

  // False where too many wait: the call is not finished then.
  template <typename Response, typename Method>
  static bool TryRunOn(runtime::WorkerPool& workers, CallbackServerContext* context,
                       Reactor* reactor, Response* response, Method method) {
    return workers.TryRun([context, reactor, response, method] {
      // Nobody waits for it any more.
      if (context->IsCancelled()) return reactor->Finish(grpc::Status::CANCELLED);
      Answer(reactor, method(), response);
    });
  }

  const Parts parts_;
  const absl::Time start_ = parts_.clock.Now();
  Places sign_ups_{kMaxSignUps};
};

AdminService::AdminService(const Parts& parts) : impl_(std::make_unique<Impl>(parts)) {}

AdminService::~AdminService() = default;

runtime::GrpcService AdminService::service() const {
  return {v1::AdminService::service_full_name(), impl_.get()};
}

}  // namespace livecounter::admin
