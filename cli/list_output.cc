#include "cli/list_output.h"

#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "cli/json.h"

namespace livecounter::cli {
namespace {

// Where an answer without items has them: `"accounts": []`.
constexpr char kNoItems[] = "[]";

}  // namespace

void ListOutput::AddItem(const google::protobuf::Message& item) {
  std::string document = JsonDocument(item);
  absl::string_view text = absl::StripSuffix(document, "\n");
  absl::StrAppend(&items_, has_items_ ? ",\n  " : "\n  ",
                  absl::StrReplaceAll(text, {{"\n", "\n  "}}));
  has_items_ = true;
}

void ListOutput::Begin(const google::protobuf::Message& answer) {
  if (std::exchange(has_begun_, true)) return;
  const std::string document = JsonDocument(answer);
  run_.Print(absl::StrCat(document.substr(0, document.find(kNoItems)), "["));
}

void ListOutput::EndPage(const google::protobuf::Message& answer) {
  if (json()) {
    Begin(answer);
    run_.Print(std::exchange(items_, ""));
  } else {
    run_.Print(table_.TakeRows());
  }
  run_.Flush();
}

void ListOutput::End(const google::protobuf::Message& answer, absl::string_view next_page_token) {
  if (!json()) return run_.NoteMore(next_page_token);
  const std::string document = JsonDocument(answer);
  run_.Print(absl::StrCat(has_items_ ? "\n ]" : "]",
                          document.substr(document.find(kNoItems) + std::strlen(kNoItems))));
}

}  // namespace livecounter::cli
