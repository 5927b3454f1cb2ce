#include "services/admin/admin.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/admin/demo_data.h"
#include "services/runtime/await.h"

namespace livecounter::admin {
namespace {

constexpr int kDemoCounters = 9;
// Each waits for the store most of its time.
constexpr int kWorkers = 4;
constexpr size_t kMaxWaiting = 1'000;
// One hash takes a core and 64 MiB: half of the machine's cores of two, and waiting for at most a second.
constexpr int kPasswordWorkers = 1;
constexpr size_t kMaxWaitingPasswords = 16;

}  // namespace

absl::StatusOr<std::unique_ptr<Admin>> Admin::Start(Options options, const Parts& parts) {
  std::unique_ptr<Admin> admin(new Admin(std::move(options), parts));
  absl::Status status = admin->records_.Open();
  if (status.ok()) status = admin->sessions_.Open();
  if (status.ok()) status = admin->products_.FinishDeletions();
  if (!status.ok()) return status;
  return admin;
}

Admin::Admin(Options options, const Parts& parts)
    : parts_(parts),
      records_(parts.engine.Records()),
      catalog_(records_),
      feed_(catalog_, parts.clock),
      catalog_parts_{records_, catalog_, parts.clock, parts.random},
      products_(catalog_parts_, [this](const std::string& product) { return Purge(product); }),
      accounts_(catalog_parts_, products_),
      api_keys_(catalog_parts_),
      sessions_(records_, parts.operator_token, parts.clock, parts.random),
      sign_in_(options.sign_in, catalog_parts_, sessions_),
      workers_(kWorkers, kMaxWaiting),
      password_workers_(kPasswordWorkers, kMaxWaitingPasswords),
      endpoint_tests_(std::move(options.verifier), catalog_parts_, products_, workers_,
                      parts.logger),
      backup_downloads_(std::move(options.backup_directory), parts.engine, parts.clock),
      service_({accounts_, products_, api_keys_, sign_in_, endpoint_tests_, backup_downloads_,
                catalog_, parts.engine, parts.replica, sessions_, parts.clock, workers_,
                password_workers_}) {}

void Admin::Drain() {
  feed_.Drain();
  backup_downloads_.Drain();
}

absl::StatusOr<bool> Admin::LoadDemo(absl::string_view endpoint_uri) {
  if (!CatalogIsEmpty(catalog_)) return false;
  // The catalog last: what a crash leaves before it is loaded again.
  for (int id = 1; id <= kDemoCounters; ++id) {
    const auto created = runtime::Await<Change>([&](auto done) {
      parts_.engine.Create({{std::string(kDemoProduct), absl::StrCat(id)}}, std::move(done));
    });
    if (!created.ok() && !absl::IsAlreadyExists(created.status())) return created.status();
  }
  absl::Status loaded = LoadDemoCatalog(catalog_parts_, endpoint_uri);
  if (!loaded.ok()) return loaded;
  return true;
}

absl::Status Admin::Purge(const std::string& product) {
  return runtime::AwaitStatus(
      [&](auto done) { parts_.engine.DeleteProduct(product, std::move(done)); });
}

}  // namespace livecounter::admin
