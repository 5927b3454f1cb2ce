// Flags and positionals that several commands have, worded once.

#ifndef LIVECOUNTER_CLI_COMMANDS_SHARED_H_
#define LIVECOUNTER_CLI_COMMANDS_SHARED_H_

#include <string>

#include "cli/command.h"

namespace livecounter::cli {

inline Flag LimitFlag() {
  return {.name = "limit",
          .type = FlagType::kInteger,
          .value_name = "N",
          .meaning = "At most so many; all, over all pages, where it is not given."};
}

inline Flag PageTokenFlag() {
  return {.name = "page_token",
          .value_name = "TOKEN",
          .meaning = "Go on where a list with --limit ended: its nextPageToken."};
}

inline Flag YesFlag() {
  return {.name = "yes", .letter = "y", .type = FlagType::kBool, .meaning = "Do not ask first."};
}

inline Flag EtagFlag() {
  return {.name = "etag",
          .value_name = "ETAG",
          .meaning = "Only if this is still its etag; otherwise nothing is done."};
}

inline Flag ValidateOnlyFlag() {
  return {.name = "validate_only",
          .type = FlagType::kBool,
          .meaning = "Check everything and answer as if it were done, but change nothing."};
}

inline Flag RequestIdFlag() {
  return {.name = "request_id",
          .value_name = "ID",
          .meaning =
              "A name for this request: repeated within 24 hours it is done once, and "
              "answered as the first time."};
}

inline Positional AccountPositional(bool optional) {
  return {.name = "ACCOUNT",
          .meaning = optional ? "An account's id; the default account where it is left out."
                              : "An account's id.",
          .optional = optional};
}

inline Positional ProductPositional() {
  return {.name = "PRODUCT", .meaning = "A product: account/product."};
}

inline Positional KeyPositional() {
  return {.name = "KEY", .meaning = "An API key: account/product/key_id."};
}

inline Positional CounterPositional() {
  return {.name = "COUNTER", .meaning = "A counter: account/product/counter."};
}

}  // namespace livecounter::cli

#endif  // LIVECOUNTER_CLI_COMMANDS_SHARED_H_
