#include "gateway/net/frame_reader.h"

#include <algorithm>
#include <cstring>
#include <new>

namespace livecounter::gateway::net {
namespace {

// RFC 6455 §5.2: two bytes, an extended length of none, two or eight, and the mask.
uint64_t HeaderSize(uint64_t payload_length) {
  constexpr uint64_t kBase = 2 + 4;
  if (payload_length < 126) return kBase;
  return payload_length < 65'536 ? kBase + 2 : kBase + 8;
}

absl::string_view Data(const wslay_frame_iocb& piece) {
  return {reinterpret_cast<const char*>(piece.data), piece.data_length};
}

}  // namespace

FrameReader::FrameReader() {
  const wslay_frame_callbacks callbacks = {nullptr, &FrameReader::Take, nullptr};
  wslay_frame_context* context = nullptr;
  if (wslay_frame_context_init(&context, &callbacks, this) != 0) throw std::bad_alloc();
  context_.reset(context);
}

ssize_t FrameReader::Take(uint8_t* buffer, size_t size, int /*flags*/, void* reader) {
  auto& self = *static_cast<FrameReader*>(reader);
  const size_t taken = std::min(size, self.source_->size());
  if (taken == 0) return -1;
  std::memcpy(buffer, self.source_->data(), taken);
  self.source_->remove_prefix(taken);
  self.taken_ += taken;
  return static_cast<ssize_t>(taken);
}

FrameReader::Result FrameReader::Next(absl::string_view& bytes) {
  source_ = &bytes;
  for (;;) {
    wslay_frame_iocb piece = {};
    const ssize_t result = wslay_frame_recv(context_.get(), &piece);
    if (result == WSLAY_ERR_WANT_READ && bytes.empty()) return Result::kNeedsMore;
    if (result == WSLAY_ERR_WANT_READ) continue;
    if (result < 0) return Result::kBreach;
    const Result taken = TakePiece(piece);
    if (taken != Result::kNeedsMore) return taken;
  }
}

FrameReader::Result FrameReader::TakePiece(const wslay_frame_iocb& piece) {
  if (piece.mask == 0 || piece.rsv != 0) return Result::kBreach;
  const bool begins_frame = read_ == 0;
  read_ += piece.data_length;
  const bool ends_frame = read_ == piece.payload_length;
  if (ends_frame) {
    taken_ -= HeaderSize(piece.payload_length) + piece.payload_length;
    read_ = 0;
  }
  if (wslay_is_ctrl_frame(piece.opcode) != 0) return TakeControl(piece, begins_frame, ends_frame);
  return TakeMessage(piece, begins_frame, ends_frame);
}

FrameReader::Result FrameReader::TakeMessage(const wslay_frame_iocb& piece, bool begins_frame,
                                             bool ends_frame) {
  if (piece.opcode > WSLAY_BINARY_FRAME) return Result::kBreach;
  const bool continues = piece.opcode == WSLAY_CONTINUATION_FRAME;
  if (begins_frame && continues != in_message_) return Result::kBreach;
  is_final_ = ends_frame && piece.fin != 0;
  in_message_ = !is_final_;
  payload_ = Data(piece);
  return Result::kMessage;
}

FrameReader::Result FrameReader::TakeControl(const wslay_frame_iocb& piece, bool begins_frame,
                                             bool ends_frame) {
  if (piece.opcode > WSLAY_PONG) return Result::kBreach;
  if (begins_frame) control_.clear();
  control_.append(Data(piece).data(), piece.data_length);
  if (!ends_frame) return Result::kNeedsMore;
  payload_ = control_;
  if (piece.opcode == WSLAY_PING) return Result::kPing;
  return piece.opcode == WSLAY_PONG ? Result::kPong : Result::kClose;
}

}  // namespace livecounter::gateway::net
