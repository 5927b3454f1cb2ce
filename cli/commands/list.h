// What the commands that list something have in common: the pages, one after the other, as they come.

#ifndef LIVECOUNTER_CLI_COMMANDS_LIST_H_
#define LIVECOUNTER_CLI_COMMANDS_LIST_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "cli/client.h"
#include "cli/list_output.h"
#include "cli/run.h"
#include "cli/table.h"

namespace livecounter::cli {

// Shows what `method` lists from --page_token on, up to --limit. `row(item)` gives the cells of `columns`.
template <typename Stub, typename Request, typename Response, typename Item, typename Row>
absl::Status ShowPages(CommandRun& run,
                       grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                    Response*),
                       const google::protobuf::RepeatedPtrField<Item>& (Response::*items)() const,
                       Request request, std::vector<Table::Column> columns, Row row) {
  absl::StatusOr<Client*> client = run.client();
  if (!client.ok()) return client.status();
  request.set_page_token(run.Text("page_token"));
  ListOutput output(run, std::move(columns));
  Response last;
  absl::Status listed = (*client)->EachPage(method, items, std::move(request), run.Integer("limit"),
                                            [&](const Response& page) {
                                              for (const Item& item : (page.*items)()) {
                                                if (output.json()) {
                                                  output.AddItem(item);
                                                } else {
                                                  output.AddRow(row(item));
                                                }
                                              }
                                              output.EndPage(Response());
                                              last.set_next_page_token(page.next_page_token());
                                            });
  if (listed.ok()) output.End(last, last.next_page_token());
  return listed;
}

}  // namespace livecounter::cli

#endif  // LIVECOUNTER_CLI_COMMANDS_LIST_H_
