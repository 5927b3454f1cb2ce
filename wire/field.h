// Reads the fields of a message of the edge protocol into core values. The first field that is not
// of its form makes the whole message wrong: the status then says which one it was, what it got and
// what it takes. Fields read after that are harmless and of no consequence. For wire/, and for services that check what clients send them.
//
//   absl::Status status;
//   const Field hello = Field(&status, "hello");
//   hello["holder"].ReadId(message.holder(), &to->holder);
//   to->stream = hello["stream"].AtLeastOne(message.stream());
//   return status;

#ifndef LIVECOUNTER_WIRE_FIELD_H_
#define LIVECOUNTER_WIRE_FIELD_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/ids.h"
#include "core/session.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "livecounter/v1/edge_service.pb.h"

namespace livecounter::wire {

// Where a field stands, "hits[3].counter", and where its errors go. Lives on the stack, below its
// parent.
class Field {
 public:
  // `status` is OK, and outlives the field.
  Field(absl::Status* status, absl::string_view name) : status_(status), name_(name) {}

  Field operator[](absl::string_view name) const { return Field(this, name, kNoIndex); }

  // The field is wrong: "<path>: got <got>; it takes <takes>", unless another one was before.
  void Wrong(absl::string_view got, absl::string_view takes) const;

  // Each element of a repeated field; `read(field, element, &value)`.
  template <typename From, typename To, typename Read>
  void ReadAll(const From& from, std::vector<To>* to, Read read) const {
    to->resize(from.size());
    for (int i = 0; i < from.size(); ++i) read(Field(this, "", i), from[i], &(*to)[i]);
  }

  // Exactly 16 bytes.
  template <typename Id>
  void ReadId(absl::string_view from, Id* to) const {
    if (const auto id = Id::FromBytes(from)) {
      *to = *id;
    } else {
      Wrong(absl::StrCat(from.size(), " bytes"), "16 bytes");
    }
  }
  // Hashes of 16 bytes, one after the other.
  void ReadHashes(absl::string_view from, std::vector<PresenceHash>* to) const;
  // A counter in its form (wire/names.h).
  void ReadCounter(const v1::CounterKey& from, CounterId* to) const;

  // A product's name in its form (wire/names.h).
  void ReadProduct(absl::string_view from, std::string* to) const;
  void ReadConnections(const v1::ProductConnections& from, ProductConnections* to) const;

  int64_t AtLeast(int64_t min, int64_t from) const;
  uint64_t AtLeastOne(uint64_t from) const;
  // Below 2⁶³, so that there is always a higher one.
  uint64_t Epoch(uint64_t from) const;
  // From `min` to `max`.
  absl::Duration Duration(absl::Duration min, absl::Duration max,
                          const google::protobuf::Duration& from) const;
  absl::Time Time(const google::protobuf::Timestamp& from) const;
  // The begin of an hour, in seconds since 1970.
  int64_t Hour(int64_t from) const;

 private:
  static constexpr int kNoIndex = -1;
  Field(const Field* parent, absl::string_view name, int index)
      : status_(parent->status_), parent_(parent), name_(name), index_(index) {}

  std::string path() const;

  absl::Status* status_;
  const Field* parent_ = nullptr;
  absl::string_view name_;
  int index_ = kNoIndex;
};

// The other way; values are of their form.
void EncodeCounter(const CounterId& from, v1::CounterKey* to);
void EncodeHashes(const std::vector<PresenceHash>& from, std::string* to);
void EncodeConnections(const ProductConnections& from, v1::ProductConnections* to);
void EncodeDuration(absl::Duration from, google::protobuf::Duration* to);
void EncodeTime(absl::Time from, google::protobuf::Timestamp* to);

}  // namespace livecounter::wire

#endif  // LIVECOUNTER_WIRE_FIELD_H_
