#include "cli/names.h"

#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "cli/command.h"
#include "core/ids.h"
#include "wire/names.h"
#include "wire/percent.h"

namespace livecounter::cli {
namespace {

constexpr absl::string_view kFullPrefix = "accounts/";

absl::Status BadName(absl::string_view what, absl::string_view text, absl::string_view accepted) {
  return UsageError(absl::StrCat(what, " got \"", absl::Utf8SafeCHexEscape(text.substr(0, 100)),
                                 "\"; it takes ", accepted));
}

bool HasEmpty(const std::vector<std::string>& ids) {
  for (const std::string& id : ids) {
    if (id.empty()) return true;
  }
  return false;
}

// The ids of a full name made of `collections`, the last one not decoded; empty where it is none.
std::vector<std::string> FullNameIds(absl::string_view text,
                                     const std::vector<absl::string_view>& collections) {
  const std::vector<std::string> segments = absl::StrSplit(text, '/');
  if (segments.size() != 2 * collections.size()) return {};
  std::vector<std::string> ids;
  for (size_t i = 0; i < collections.size(); ++i) {
    if (segments[2 * i] != collections[i]) return {};
    ids.push_back(segments[2 * i + 1]);
  }
  return ids;
}

absl::string_view AccountId(absl::string_view account) {
  absl::ConsumePrefix(&account, kFullPrefix);
  return account;
}

// What one kind of name looks like.
struct Form {
  absl::string_view what;
  std::vector<absl::string_view> collections;
  absl::string_view accepted;
};

// The ids of a name, full or short; the last id of a full name stays encoded. `rest` says whether the
// last id of a short name may hold slashes.
absl::StatusOr<std::vector<std::string>> ParseIds(const Form& form, absl::string_view text,
                                                  absl::string_view account, bool rest = false) {
  const size_t wanted = form.collections.size();
  std::vector<std::string> ids;
  if (absl::StartsWith(text, kFullPrefix)) {
    ids = FullNameIds(text, form.collections);
  } else {
    const int most = rest ? static_cast<int>(wanted) - 1 : static_cast<int>(text.size());
    ids = absl::StrSplit(text, absl::MaxSplits('/', most));
    if (ids.size() == wanted - 1 && !account.empty()) {
      ids.insert(ids.begin(), std::string(AccountId(account)));
    }
  }
  if (ids.size() == wanted && !HasEmpty(ids)) return ids;
  const bool short_of_account = ids.size() == wanted - 1 && account.empty() && wanted > 1;
  return BadName(
      form.what, text,
      short_of_account
          ? absl::StrCat(form.accepted, ", or a name without its account where --account names one")
          : std::string(form.accepted));
}

std::string Join(const Form& form, const std::vector<std::string>& ids) {
  std::vector<std::string> segments;
  for (size_t i = 0; i < ids.size(); ++i) {
    segments.push_back(std::string(form.collections[i]));
    segments.push_back(ids[i]);
  }
  return absl::StrJoin(segments, "/");
}

const Form& AccountForm() {
  static const auto* const form =
      new Form{"ACCOUNT", {"accounts"}, "an account's id such as demo, or accounts/demo"};
  return *form;
}

const Form& ProductForm() {
  static const auto* const form =
      new Form{"PRODUCT",
               {"accounts", "products"},
               "account/product, or accounts/{account}/products/{product}"};
  return *form;
}

const Form& ApiKeyForm() {
  static const auto* const form =
      new Form{"KEY",
               {"accounts", "products", "keys"},
               "account/product/key_id, or accounts/{account}/products/{product}/keys/{key_id}"};
  return *form;
}

const Form& CounterForm() {
  static const auto* const form =
      new Form{"COUNTER",
               {"accounts", "products", "counters"},
               "account/product/counter, or "
               "accounts/{account}/products/{product}/counters/{percent-encoded counter}"};
  return *form;
}

absl::StatusOr<std::string> Name(const Form& form, absl::string_view text,
                                 absl::string_view account) {
  absl::StatusOr<std::vector<std::string>> ids = ParseIds(form, text, account);
  if (!ids.ok()) return ids.status();
  return Join(form, *ids);
}

// The counter's id comes out decoded.
absl::StatusOr<std::vector<std::string>> CounterIds(absl::string_view text,
                                                    absl::string_view account) {
  absl::StatusOr<std::vector<std::string>> ids =
      ParseIds(CounterForm(), text, account, /*rest=*/true);
  if (!ids.ok() || !absl::StartsWith(text, kFullPrefix)) return ids;
  absl::StatusOr<std::string> decoded = wire::PercentDecode(ids->back());
  if (!decoded.ok()) return BadName("COUNTER", text, CounterForm().accepted);
  ids->back() = *std::move(decoded);
  return ids;
}

std::string ProductOf(const std::vector<std::string>& ids) {
  return Join(ProductForm(), {ids[0], ids[1]});
}

}  // namespace

absl::StatusOr<std::string> AccountName(absl::string_view text, absl::string_view account) {
  if (text.empty() && account.empty()) {
    return UsageError(
        "no account was named; give one as the argument, with --account, or in the context "
        "(livecounterctl context set NAME --account=ACCOUNT)");
  }
  return Name(AccountForm(), text.empty() ? account : text, "");
}

absl::StatusOr<std::string> ProductName(absl::string_view text, absl::string_view account) {
  return Name(ProductForm(), text, account);
}

absl::StatusOr<std::string> ApiKeyName(absl::string_view text, absl::string_view account) {
  return Name(ApiKeyForm(), text, account);
}

absl::StatusOr<std::string> CounterName(absl::string_view text, absl::string_view account) {
  absl::StatusOr<std::vector<std::string>> ids = CounterIds(text, account);
  if (!ids.ok()) return ids.status();
  return wire::CounterName(CounterId{ProductOf(*ids), ids->back()});
}

absl::StatusOr<NewName> NewProductName(absl::string_view text, absl::string_view account) {
  absl::StatusOr<std::vector<std::string>> ids = ParseIds(ProductForm(), text, account);
  if (!ids.ok()) return ids.status();
  return NewName{absl::StrCat(kFullPrefix, (*ids)[0]), (*ids)[1]};
}

absl::StatusOr<NewName> NewCounterName(absl::string_view text, absl::string_view account) {
  absl::StatusOr<std::vector<std::string>> ids = CounterIds(text, account);
  if (!ids.ok()) return ids.status();
  return NewName{ProductOf(*ids), ids->back()};
}

std::string ShortName(absl::string_view name) {
  if (const absl::StatusOr<CounterId> counter = wire::ParseCounterName(name); counter.ok()) {
    const std::vector<std::string> ids = FullNameIds(counter->product, {"accounts", "products"});
    return absl::StrCat(absl::StrJoin(ids, "/"), "/", counter->id);
  }
  for (const Form* form : {&AccountForm(), &ProductForm(), &ApiKeyForm()}) {
    const std::vector<std::string> ids = FullNameIds(name, form->collections);
    if (!ids.empty()) return absl::StrJoin(ids, "/");
  }
  return std::string(name);
}

}  // namespace livecounter::cli
