// What `product test` and `product save-verification` show: the four steps with a bar each, how long
// calls took, and at the end whether the test passed and why not. Pure; one thread at a time.

#ifndef LIVECOUNTER_CLI_VERIFICATION_REPORT_H_
#define LIVECOUNTER_CLI_VERIFICATION_REPORT_H_

#include <string>
#include <vector>

#include "cli/style.h"
#include "cli/terminal.h"
#include "livecounter/v1/admin_service.pb.h"

namespace livecounter::cli {

class VerificationReport {
 public:
  VerificationReport();

  // Takes a message over. Returns what to print where output is no terminal: a line when a step or the
  // test is over, nothing in between.
  std::string Apply(const v1::VerificationProgress& progress);

  bool done() const { return summary_.done(); }
  bool passed() const { return summary_.done() && summary_.passed(); }
  // Printable; empty while it is not over, or where it passed.
  std::string reason() const;

  // For a terminal.
  std::vector<std::string> Lines(TerminalSize size, Style style) const;
  // The latencies of the last load as a histogram; nothing where there was none.
  std::vector<std::string> Histogram(TerminalSize size) const;

 private:
  std::vector<v1::VerificationProgress> steps_;  // by number of the step, from 1
  v1::VerificationProgress summary_;
};

}  // namespace livecounter::cli

#endif  // LIVECOUNTER_CLI_VERIFICATION_REPORT_H_
