#include "cli/contexts.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "nlohmann/json.hpp"
#include "services/runtime/files.h"

namespace livecounter::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kMaxFileBytes = 1 << 20;

// The text fields of a context, by their names in the file.
template <typename AContext, typename Visit>
void VisitTexts(AContext& context, const Visit& visit) {
  visit("server", context.server);
  visit("token", context.token);
  visit("token_file", context.token_file);
  visit("account", context.account);
  visit("url", context.url);
  visit("tls_ca", context.tls_files.ca);
  visit("tls_cert", context.tls_files.cert);
  visit("tls_key", context.tls_files.key);
}

absl::StatusOr<Context> ParseContext(const std::string& name, const Json& json) {
  const auto wrong = [&name](absl::string_view what) {
    return absl::InvalidArgumentError(absl::StrCat("the context ", name, " ", what));
  };
  if (!json.is_object()) return wrong("is no JSON object");
  Context context;
  std::string bad;
  VisitTexts(context, [&](const char* field, std::string& value) {
    const auto found = json.find(field);
    if (found == json.end()) return;
    if (found->is_string()) {
      value = found->get<std::string>();
    } else {
      bad = field;
    }
  });
  if (!bad.empty()) return wrong(absl::StrCat("has a ", bad, " that is no string"));
  if (const auto tls = json.find("tls"); tls != json.end()) {
    if (!tls->is_boolean()) return wrong("has a tls that is neither true nor false");
    context.tls = tls->get<bool>();
  }
  if (context.server.empty()) return wrong("has no server");
  return context;
}

absl::Status WriteError(const std::string& path, int error) {
  return absl::UnavailableError(
      absl::StrCat("cannot write ", path, ": ", std::generic_category().message(error)));
}

bool WriteAndSync(int fd, absl::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<size_t>(written));
  }
  return fsync(fd) == 0;
}

}  // namespace

absl::StatusOr<std::string> ContextsPath(const runtime::Environment& environment) {
  constexpr absl::string_view kFile = "/livecounter/contexts.json";
  const absl::optional<std::string> config = environment("XDG_CONFIG_HOME");
  if (config && !config->empty()) return absl::StrCat(*config, kFile);
  const absl::optional<std::string> home = environment("HOME");
  if (home && !home->empty()) return absl::StrCat(*home, "/.config", kFile);
  return absl::FailedPreconditionError(
      "cannot tell where contexts are kept: neither XDG_CONFIG_HOME nor HOME is set");
}

absl::StatusOr<Contexts> ParseContexts(const std::string& text) {
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return absl::InvalidArgumentError("it is no JSON object");
  Contexts contexts;
  if (const auto by_name = json.find("contexts"); by_name != json.end()) {
    if (!by_name->is_object()) return absl::InvalidArgumentError("its contexts are no JSON object");
    for (const auto& [name, value] : by_name->items()) {
      absl::StatusOr<Context> context = ParseContext(name, value);
      if (!context.ok()) return context.status();
      contexts.by_name[name] = *std::move(context);
    }
  }
  if (const auto current = json.find("current"); current != json.end() && current->is_string()) {
    contexts.current = current->get<std::string>();
  }
  if (contexts.by_name.count(contexts.current) == 0) contexts.current.clear();
  return contexts;
}

std::string ContextsText(const Contexts& contexts) {
  Json by_name = Json::object();
  for (const auto& [name, context] : contexts.by_name) {
    Json json = Json::object();
    VisitTexts(context, [&json](const char* field, const std::string& value) {
      if (!value.empty()) json[field] = value;
    });
    if (context.tls) json["tls"] = true;
    by_name[name] = std::move(json);
  }
  Json json = Json::object();
  if (!contexts.current.empty()) json["current"] = contexts.current;
  json["contexts"] = std::move(by_name);
  return absl::StrCat(json.dump(2, ' ', false, Json::error_handler_t::replace), "\n");
}

absl::StatusOr<Contexts> LoadContexts(const std::string& path) {
  absl::StatusOr<std::string> text = runtime::ReadSmallFile(path, kMaxFileBytes);
  if (absl::IsNotFound(text.status())) return Contexts{};
  if (!text.ok()) return text.status();
  absl::StatusOr<Contexts> contexts = ParseContexts(*text);
  if (contexts.ok()) return contexts;
  return absl::InvalidArgumentError(absl::StrCat("cannot use ", path, ": ",
                                                 contexts.status().message(),
                                                 "; mend it, or remove it to begin anew"));
}

absl::Status SaveContexts(const std::string& path, const Contexts& contexts) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  std::error_code error;
  if (std::filesystem::create_directories(folder, error)) {
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  }
  std::string temporary = absl::StrCat(path, ".XXXXXX");
  const int fd = mkostemp(temporary.data(), O_CLOEXEC);  // mode 0600
  if (fd < 0) return WriteError(path, errno);
  absl::Cleanup remover = [&temporary] { unlink(temporary.c_str()); };
  const bool written = WriteAndSync(fd, ContextsText(contexts));
  const int write_error = errno;
  close(fd);
  if (!written) return WriteError(path, write_error);
  if (rename(temporary.c_str(), path.c_str()) != 0) return WriteError(path, errno);
  std::move(remover).Cancel();
  return absl::OkStatus();
}

}  // namespace livecounter::cli
