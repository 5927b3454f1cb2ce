// A list as it comes, a page at a time: nothing waits for the last page, and of a long list no more than a page
// is in memory.

#ifndef LIVECOUNTER_CLI_LIST_OUTPUT_H_
#define LIVECOUNTER_CLI_LIST_OUTPUT_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "cli/run.h"
#include "cli/table.h"

namespace google::protobuf {
class Message;
}

namespace livecounter::cli {

// One thread. For people a table, whose columns grow where a later page needs it; with -o json one document, the
// same as that of an answer that holds all pages.
class ListOutput {
 public:
  // `run` outlives it.
  ListOutput(CommandRun& run, std::vector<Table::Column> columns)
      : run_(run), table_(std::move(columns)) {}

  bool json() const { return run_.json(); }
  // For people, and for programs.
  void AddRow(std::vector<std::string> cells) { table_.AddRow(std::move(cells)); }
  void AddItem(const google::protobuf::Message& item);

  // A page is complete: it is shown. `answer` is one of the method's, without items.
  void EndPage(const google::protobuf::Message& answer);
  // So is the list, where `answer` has the token that leads on, if any.
  void End(const google::protobuf::Message& answer, absl::string_view next_page_token);

 private:
  void Begin(const google::protobuf::Message& answer);

  CommandRun& run_;
  Table table_;
  std::string items_;  // in JSON, not shown yet
  bool has_begun_ = false;
  bool has_items_ = false;
};

}  // namespace livecounter::cli

#endif  // LIVECOUNTER_CLI_LIST_OUTPUT_H_
