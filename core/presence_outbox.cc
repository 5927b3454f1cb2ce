#include "core/presence_outbox.h"

#include <iterator>
#include <utility>

#include "core/check.h"

namespace livecounter {
namespace {

constexpr size_t kHashBytes = 16;

}  // namespace

void PresenceOutbox::WantResend() {
  Clear();
  wanted_ = true;
}

void PresenceOutbox::Clear() {
  open_ = false;
  wanted_ = false;
  resend_.reset();
  pending_.clear();
  turns_.clear();
  edges_ = 0;
}

void PresenceOutbox::Edge(const CounterId& counter, PresenceHash hash, bool joined) {
  if (!open_) return;
  const auto [pending, first] = pending_.try_emplace(counter);
  if (first) turns_.push_back(counter);
  const auto [edge, fresh] = pending->second.try_emplace(hash, joined);
  if (fresh) {
    ++edges_;
  } else {
    // Edges alternate, so this one undoes the other.
    pending->second.erase(edge);
    --edges_;
  }
}

void PresenceOutbox::Fill(const Share& share, HolderFrame* frame, FrameBudget* budget) {
  if (std::exchange(wanted_, false)) {
    open_ = true;
    frame->resend_begin = true;
    resend_.emplace();
    resend_->deltas = share.ToDeltas();
  }
  if (resend_) {
    FillResend(frame, budget);
  } else {
    FillEdges(frame, budget);
  }
}

void PresenceOutbox::FillResend(HolderFrame* frame, FrameBudget* budget) {
  while (resend_->counter < resend_->deltas.size()) {
    const PresenceDelta& all = resend_->deltas[resend_->counter];
    const size_t part = budget->Spend(all.joined.size() - resend_->hash, kHashBytes,
                                      FrameBudget::NameBytes(all.counter));
    if (part == 0) return;
    const auto from = all.joined.begin() + static_cast<ptrdiff_t>(resend_->hash);
    frame->presence.push_back({.counter = all.counter,
                               .joined = {from, from + static_cast<ptrdiff_t>(part)},
                               .left = {}});
    resend_->hash += part;
    if (resend_->hash < all.joined.size()) return;
    ++resend_->counter;
    resend_->hash = 0;
  }
  frame->resend_end = true;
  resend_.reset();
}

void PresenceOutbox::FillEdges(HolderFrame* frame, FrameBudget* budget) {
  while (!turns_.empty() && !budget->full()) {
    const CounterId counter = std::move(turns_.front());
    turns_.pop_front();
    const auto pending = pending_.find(counter);
    Edges& edges = pending->second;
    const size_t part = budget->Spend(edges.size(), kHashBytes, FrameBudget::NameBytes(counter));
    if (part > 0) {
      PresenceDelta& delta = frame->presence.emplace_back();
      delta.counter = counter;
      const auto end = std::next(edges.begin(), static_cast<ptrdiff_t>(part));
      for (auto edge = edges.begin(); edge != end; ++edge) {
        (edge->second ? delta.joined : delta.left).push_back(edge->first);
      }
      edges.erase(edges.begin(), end);
      edges_ -= part;
    }
    if (edges.empty()) {
      pending_.erase(pending);
    } else {
      turns_.push_back(counter);
    }
  }
}

void PresenceOutbox::CheckInvariants() const {
  size_t edges = 0;
  for (const CounterId& counter : turns_) {
    const auto pending = pending_.find(counter);
    CheckInvariant(pending != pending_.end(), "a counter in turn has its edges");
    edges += pending->second.size();
  }
  CheckInvariant(turns_.size() == pending_.size(), "each counter is in turn once");
  CheckInvariant(edges == edges_, "edges are counted");
  CheckInvariant(Implies(!open_, edges_ == 0 && !resend_), "nothing is kept before the resend");
}

}  // namespace livecounter
