#include "services/admin/admin.h"

#include "absl/strings/str_cat.h"
#include "services/admin/demo_data.h"
#include "services/runtime/await.h"

namespace livecounter::admin {
namespace {

constexpr int kDemoCounters = 9;
constexpr int kPageSize = 1'000;

}  // namespace

absl::StatusOr<std::unique_ptr<Admin>> Admin::Start(const Parts& parts) {
  std::unique_ptr<Admin> admin(new Admin(parts));
  absl::Status status = admin->records_.Open();
  if (status.ok()) status = admin->products_.FinishDeletions();
  if (!status.ok()) return status;
  return admin;
}

Admin::Admin(const Parts& parts)
    : parts_(parts),
      records_(parts.engine.Records()),
      catalog_(records_),
      feed_(catalog_, parts.clock),
      catalog_parts_{records_, catalog_, parts.clock, parts.random},
      products_(catalog_parts_, [this](const std::string& product) { return Purge(product); }),
      accounts_(catalog_parts_, products_),
      api_keys_(catalog_parts_) {}

absl::StatusOr<bool> Admin::LoadDemo() {
  if (!CatalogIsEmpty(catalog_)) return false;
  // The catalog last: what a crash leaves before it is loaded again.
  for (int id = 1; id <= kDemoCounters; ++id) {
    const auto created = runtime::Await<Change>([&](auto done) {
      parts_.engine.Create({std::string(kDemoProduct), absl::StrCat(id)}, /*hits=*/0,
                           std::move(done));
    });
    if (!created.ok() && !absl::IsAlreadyExists(created.status())) return created.status();
  }
  if (absl::Status loaded = LoadDemoCatalog(catalog_parts_); !loaded.ok()) return loaded;
  return true;
}

absl::Status Admin::Purge(const std::string& product) {
  std::string token;
  do {
    const auto page = runtime::Await<counter::CounterPage>(
        [&](auto done) { parts_.engine.List(product, kPageSize, token, std::move(done)); });
    if (!page.ok()) return page.status();
    for (const Change& counter : page->counters) {
      if (!counter.hits) continue;
      const absl::Status deleted = runtime::AwaitStatus(
          [&](auto done) { parts_.engine.Delete(counter.counter, std::move(done)); });
      if (!deleted.ok() && !absl::IsNotFound(deleted)) return deleted;
    }
    token = page->next_page_token;
  } while (!token.empty());
  return absl::OkStatus();
}

}  // namespace livecounter::admin
