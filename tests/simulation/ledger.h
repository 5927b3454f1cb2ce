// What the clients know of hits, and what follows for the totals (design §2): every acknowledged
// hit counted once, none twice, an unanswered one at most once; every hit with a value of its own.

#ifndef LIVECOUNTER_TESTS_SIMULATION_LEDGER_H_
#define LIVECOUNTER_TESTS_SIMULATION_LEDGER_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/ids.h"
#include "tests/simulation/disk.h"

namespace livecounter::simulation {

class Ledger {
 public:
  // A hit is under way. The timeline it began in goes back to Answered() or Unknown().
  int Begin(const CounterId& counter) {
    ++books_[counter].open;
    return timeline_;
  }
  // It was acknowledged with `value`.
  void Answered(const CounterId& counter, int timeline, int64_t value) {
    Book& book = books_[counter];
    --book.open;
    // Begun before a restore: the copy may hold it already, and its value may be of either store.
    if (timeline != timeline_) {
      ++book.maybe;
      return;
    }
    ++book.counted;
    if (!book.values.insert(value).second) {
      violations_.push_back(absl::StrCat("counter ", counter.id, " gave value ", value, " twice"));
    }
  }
  // Nobody will say whether it was counted.
  void Unknown(const CounterId& counter) {
    --books_[counter].open;
    ++books_[counter].maybe;
  }
  // The gateway said that it surely was not counted.
  void NotCounted(const CounterId& counter) { --books_[counter].open; }

  // A hit with a key was sent once more. Should a restore take its record away, a late one of the
  // two counts again.
  void Repeated(const CounterId& counter) { ++books_[counter].repeated; }
  // An old copy takes the place of the store: hits acknowledged since it was made are gone, by
  // intent.
  void Restored(const Image& copy) {
    ++timeline_;
    for (auto& [counter, book] : books_) {
      auto total = copy.totals.find(counter);
      book.base = total == copy.totals.end() ? 0 : total->second;
      book.counted = 0;
      book.maybe += std::exchange(book.repeated, 0);
      book.values.clear();
    }
  }

  // Compares with the store, when everything has come to rest.
  void Check(const CounterId& counter, int64_t total) {
    const Book& book = books_[counter];
    const int64_t least = book.base + book.counted;
    const int64_t most = least + book.maybe + book.open;
    if (total < least || total > most) {
      violations_.push_back(
          absl::StrCat("counter ", counter.id, " is ", total, ", must be ", least, " to ", most));
    }
  }

  int64_t acknowledged() const {
    int64_t sum = 0;
    for (const auto& [counter, book] : books_) sum += book.counted;
    return sum;
  }
  const std::vector<std::string>& violations() const { return violations_; }

 private:
  struct Book {
    int64_t base = 0;
    int64_t counted = 0;
    int64_t maybe = 0;
    int64_t open = 0;
    int64_t repeated = 0;
    std::set<int64_t> values;
  };
  int timeline_ = 0;
  std::map<CounterId, Book> books_;
  std::vector<std::string> violations_;
};

}  // namespace livecounter::simulation

#endif  // LIVECOUNTER_TESTS_SIMULATION_LEDGER_H_
