#include "cli/global_flags.h"

namespace livecounter::cli {

const std::vector<Flag>& GlobalFlags() {
  static const auto* const flags = new std::vector<Flag>{
      {.name = "server",
       .value_name = "HOST:PORT",
       .default_text = "127.0.0.1:9090",
       .meaning = "Where the counter service listens for gRPC."},
      {.name = "token_file",
       .type = FlagType::kFile,
       .meaning = "A file that holds the token to call with, such as the server's "
                  "<data_dir>/admin-token. The token itself may stand in LIVECOUNTER_TOKEN."},
      {.name = "context",
       .value_name = "NAME",
       .meaning = "The context to take server, token and account from, instead of the current one; "
                  "see: livecounterctl help context use."},
      {.name = "account",
       .value_name = "ACCOUNT",
       .meaning = "The account of names that are written without one."},
      {.name = "output",
       .letter = "o",
       .type = FlagType::kChoice,
       .choices = {"table", "json"},
       .default_text = "table",
       .meaning = "A table for people, or JSON for programs: one document, or for commands that "
                  "stream one a line."},
      {.name = "timeout",
       .type = FlagType::kDuration,
       .meaning = "How long one call may take; each command has a default of its own."},
      {.name = "tls",
       .type = FlagType::kBool,
       .default_text = "false",
       .meaning = "Speak TLS, and trust the system's certificate authorities. Implied by the other "
                  "TLS flags."},
      {.name = "tls_ca",
       .type = FlagType::kFile,
       .meaning = "PEM file of the authorities that the server's certificate must lead to, instead "
                  "of the system's."},
      {.name = "tls_cert",
       .type = FlagType::kFile,
       .meaning = "PEM file of a certificate to show to the server (mTLS); needs --tls_key."},
      {.name = "tls_key",
       .type = FlagType::kFile,
       .meaning = "PEM file of the certificate's private key."},
  };
  return *flags;
}

const std::vector<Flag>& RequestFlags() {
  static const auto* const flags = new std::vector<Flag>{
      {.name = "flagfile",
       .type = FlagType::kFile,
       .meaning = "Read flags of every command from a file: one --flag=value a line, # for "
                  "comments."},
      {.name = "check_config",
       .type = FlagType::kBool,
       .meaning = "Check the flags, the files that they name and that the server answers; say what "
                  "was found and exit."},
      {.name = "help", .letter = "h", .type = FlagType::kBool, .meaning = "Explain the command."},
      {.name = "help_markdown",
       .type = FlagType::kBool,
       .meaning = "Print the page docs/cli.md: the help of all commands."},
      {.name = "version", .type = FlagType::kBool, .meaning = "Print the version."},
  };
  return *flags;
}

}  // namespace livecounter::cli
