// One number of one counter on one event loop, and the streams that show it: each value is encoded once
// and written to many (design §9).

#ifndef LIVECOUNTER_GATEWAY_TOPIC_H_
#define LIVECOUNTER_GATEWAY_TOPIC_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "core/ids.h"
#include "gateway/intrusive_list.h"
#include "gateway/transport.h"
#include "gateway/update_tally.h"

namespace livecounter::gateway {

class Topic;

// A stream's place in a topic. Part of the stream.
class Subscriber : public ListNode<Topic> {
 public:
  // Takes the topic's newest number: sends it (Topic::SendTo()), or keeps it to be sent. False: there
  // is no room for it now; to be followed by Topic::OnWritable().
  virtual bool Show(Topic& topic) = 0;
  // The topic has no value any more (a hit counter was deleted): nothing follows, close the stream.
  virtual void OnCounterGone() = 0;

  bool subscribed() const { return topic_ != nullptr; }

 protected:
  ~Subscriber() = default;

 private:
  friend class Topic;
  friend class Hub;

  static constexpr int64_t kNothing = std::numeric_limits<int64_t>::min();

  Topic* topic_ = nullptr;
  int64_t shown_ = kNothing;  // the number last taken
  bool behind_ = false;       // Show() said no; OnWritable() will come
};

// Belongs to its loop's thread. Every subscriber stands in one of three lists: those that have the
// value of the last Publish(), those that are yet to get it, and those whose sockets are full. So
// publishing is O(1), fan-out can stop and go on anywhere, and slow readers cost nothing.
class Topic {
 public:
  // The topic's value at one version.
  struct Value {
    Version version;
    absl::optional<int64_t> number;  // nothing: a hit counter that does not exist
    absl::Time accepted_at = absl::InfinitePast();
    bool is_example = false;
  };

  // `tally` outlives the topic.
  explicit Topic(UpdateTally& tally) : tally_(tally) {}

  // The newest value, for all that is sent from now on; not yet published. Whether its number is
  // another than that of the value before.
  bool Set(const Value& value);
  // The value is not known any more: what is shown stays until the next Set().
  void Forget() { value_.reset(); }

  // The subscriber gets the newest value at once, if there is one, else with the next Publish().
  void Add(Subscriber& subscriber);
  void Remove(Subscriber& subscriber);
  // Nothing is sent to the subscriber any more; it stays until it is removed.
  void Silence(Subscriber& subscriber) { subscriber.Unlink(); }

  // The subscriber's socket takes data again: it gets the newest value unless it has it.
  void OnWritable(Subscriber& subscriber);
  // Sends the newest value again, to show that both are alive. Not to one whose socket is full.
  void Repeat(Subscriber& subscriber);

  // Everybody who shows another value is to get the newest one, by Deliver().
  void Publish() { waiting_.TakeAll(served_); }
  // Goes on with that for up to `limit` subscribers; returns for how many.
  size_t Deliver(size_t limit, absl::Time now);
  // Whether Deliver() has more to do.
  bool has_waiting() const { return value_.has_value() && !waiting_.empty(); }

  // For Subscriber::Show(), when the topic has a number.
  int64_t number() const { return *value_->number; }
  // Sends the number in the form of the connection's kind, encoded once for all.
  bool SendTo(Connection& connection);

 private:
  using List = IntrusiveList<Subscriber, Topic>;

  // Sends the newest value to the subscriber if it shows another, and puts it in the list where it
  // then belongs.
  void Serve(Subscriber& subscriber);
  void Send(Subscriber& subscriber);
  absl::string_view Frame(Connection::Kind kind);
  void CountSent();

  UpdateTally& tally_;
  absl::optional<Value> value_;
  // When counterd accepted the change to value_'s number; the infinite past where that is not known, and
  // for the first one: how long it has stood is not how late it comes.
  absl::Time changed_at_ = absl::InfinitePast();
  std::array<std::string, 2> frames_;  // of value_, by kind; empty until needed
  std::array<int64_t, 2> sent_ = {};   // by kind, not yet in the tally
  List served_;
  List waiting_;
  List behind_;
};

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_TOPIC_H_
