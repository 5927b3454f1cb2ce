#include "wire/receiver_frame.h"

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "wire/field.h"
#include "wire/holder_frame.h"
#include "wire/utf8.h"

namespace livecounter::wire {
namespace {

constexpr size_t kMaxMessageBytes = 1024;
constexpr int kMaxCode = 16;  // google.rpc.Code UNAUTHENTICATED
constexpr absl::Duration kMinLease = absl::Milliseconds(10);
constexpr absl::Duration kMaxLease = absl::Hours(1);
constexpr absl::Duration kMinKeepAlive = absl::Milliseconds(1);

absl::Status CheckShape(const v1::AttachResponse& message) {
  const size_t entries = message.changes_size() + message.hit_answers_size() +
                         message.keyed_hit_answers_size() + message.connection_totals_size();
  if (entries > kMaxFrameEntries) {
    return absl::InvalidArgumentError(
        absl::StrCat("frame: got ", entries, " changes, answers and totals; it takes at most ",
                     kMaxFrameEntries, ", and the rest in the next frame"));
  }
  const bool more_than_welcome =
      entries > 0 || message.resend_wanted() || message.usage_counted() != 0;
  if (message.has_welcome() && more_than_welcome) {
    return absl::InvalidArgumentError(
        "welcome: got other fields beside it; it takes a frame of its own");
  }
  return absl::OkStatus();
}

void ReadWelcome(const Field& field, const v1::Welcome& from, Welcome* to) {
  to->epoch = field["epoch"].Epoch(from.epoch());
  to->lease = field["lease"].Duration(kMinLease, kMaxLease, from.lease());
  to->keep_alive = field["keep_alive"].Duration(kMinKeepAlive, to->lease / 2, from.keep_alive());
}

void ReadChange(const Field& field, const v1::Change& from, Change* to) {
  field["counter"].ReadCounter(from.counter(), &to->counter);
  to->version = {field["epoch"].Epoch(from.epoch()), from.revision()};
  if (from.has_hits()) to->hits = field["hits"].AtLeast(0, from.hits());
  to->present = field["present"].AtLeast(0, from.present());
  if (from.has_accepted_at()) to->accepted_at = field["accepted_at"].Time(from.accepted_at());
}

absl::Status ReadRefusal(const Field& field, const v1::Refusal& from) {
  if (from.code() < 1 || from.code() > kMaxCode) {
    field["code"].Wrong(absl::StrCat(from.code()), "1 to 16, as in google.rpc.Code");
    return absl::OkStatus();
  }
  return absl::Status(static_cast<absl::StatusCode>(from.code()), from.message());
}

void ReadAnswer(const Field& field, const v1::HitAnswer& from, HitAnswer* to) {
  field["sender"].ReadId(from.sender(), &to->sender);
  field["counter"].ReadCounter(from.counter(), &to->counter);
  to->number = field["number"].AtLeastOne(from.number());
  if (from.has_refusal()) to->status = ReadRefusal(field["refusal"], from.refusal());
  to->value_after = field["value_after"].AtLeast(0, from.value_after());
  to->version = {field["epoch"].Epoch(from.epoch()), from.revision()};
}

void ReadOutcome(const Field& field, const v1::KeyedHitAnswer& from, HitOutcome* to) {
  to->ticket = from.ticket();
  if (from.has_refusal()) to->status = ReadRefusal(field["refusal"], from.refusal());
  to->value = field["value"].AtLeast(0, from.value());
  to->version = {field["epoch"].Epoch(from.epoch()), from.revision()};
}

void ReadConnections(const Field& field, const v1::ProductConnections& from,
                     ProductConnections* to) {
  field.ReadConnections(from, to);
}

void EncodeWelcome(const Welcome& from, v1::Welcome* to) {
  to->set_epoch(from.epoch);
  EncodeDuration(from.lease, to->mutable_lease());
  EncodeDuration(from.keep_alive, to->mutable_keep_alive());
}

void EncodeChange(const Change& from, v1::Change* to) {
  EncodeCounter(from.counter, to->mutable_counter());
  to->set_epoch(from.version.epoch);
  to->set_revision(from.version.revision);
  if (from.hits) to->set_hits(*from.hits);
  to->set_present(from.present);
  if (from.accepted_at != absl::InfinitePast()) {
    EncodeTime(from.accepted_at, to->mutable_accepted_at());
  }
}

// Protobuf refuses to parse a string that is not UTF-8, and a status may quote any bytes.
std::string ToText(absl::string_view message) {
  message = message.substr(0, kMaxMessageBytes);
  return IsUtf8(message) ? std::string(message) : absl::CHexEscape(message);
}

void EncodeRefusal(const absl::Status& from, v1::Refusal* to) {
  to->set_code(static_cast<int>(from.code()));
  to->set_message(ToText(from.message()));
}

void EncodeAnswer(const HitAnswer& from, v1::HitAnswer* to) {
  to->set_sender(from.sender.ToBytes());
  EncodeCounter(from.counter, to->mutable_counter());
  to->set_number(from.number);
  if (!from.status.ok()) EncodeRefusal(from.status, to->mutable_refusal());
  to->set_value_after(from.value_after);
  to->set_epoch(from.version.epoch);
  to->set_revision(from.version.revision);
}

void EncodeOutcome(const HitOutcome& from, v1::KeyedHitAnswer* to) {
  to->set_ticket(from.ticket);
  if (!from.status.ok()) EncodeRefusal(from.status, to->mutable_refusal());
  to->set_value(from.value);
  to->set_epoch(from.version.epoch);
  to->set_revision(from.version.revision);
}

}  // namespace

absl::StatusOr<ReceiverFrame> DecodeReceiverFrame(const v1::AttachResponse& message) {
  absl::Status status = CheckShape(message);
  if (!status.ok()) return status;
  ReceiverFrame frame;
  if (message.has_welcome()) {
    ReadWelcome(Field(&status, "welcome"), message.welcome(), &frame.welcome.emplace());
  }
  Field(&status, "changes").ReadAll(message.changes(), &frame.changes, ReadChange);
  Field(&status, "hit_answers").ReadAll(message.hit_answers(), &frame.hit_answers, ReadAnswer);
  Field(&status, "keyed_hit_answers")
      .ReadAll(message.keyed_hit_answers(), &frame.keyed_outcomes, ReadOutcome);
  frame.resend_wanted = message.resend_wanted();
  Field(&status, "connection_totals")
      .ReadAll(message.connection_totals(), &frame.connection_totals, ReadConnections);
  frame.usage_counted = message.usage_counted();
  if (!status.ok()) return status;
  return frame;
}

void EncodeReceiverFrame(const ReceiverFrame& frame, v1::AttachResponse* message) {
  if (frame.welcome) EncodeWelcome(*frame.welcome, message->mutable_welcome());
  for (const Change& change : frame.changes) EncodeChange(change, message->add_changes());
  for (const HitAnswer& answer : frame.hit_answers)
    EncodeAnswer(answer, message->add_hit_answers());
  for (const HitOutcome& outcome : frame.keyed_outcomes) {
    EncodeOutcome(outcome, message->add_keyed_hit_answers());
  }
  message->set_resend_wanted(frame.resend_wanted);
  for (const ProductConnections& total : frame.connection_totals) {
    EncodeConnections(total, message->add_connection_totals());
  }
  message->set_usage_counted(frame.usage_counted);
}

}  // namespace livecounter::wire
