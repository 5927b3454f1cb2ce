// A doubly linked list whose links live in the elements: joining, leaving and moving a whole list are
// O(1) and allocate nothing. Not thread-safe.

#ifndef LIVECOUNTER_GATEWAY_INTRUSIVE_LIST_H_
#define LIVECOUNTER_GATEWAY_INTRUSIVE_LIST_H_

namespace livecounter::gateway {

// An element derives from ListNode<Tag> once for every list that it can be in at the same time; a node
// is in at most one list, and leaves it in its destructor.
template <typename Tag>
class ListNode {
 public:
  ListNode() = default;
  ListNode(const ListNode&) = delete;
  ListNode& operator=(const ListNode&) = delete;
  bool linked() const { return next_ != nullptr; }

  void Unlink() {
    if (!linked()) return;
    previous_->next_ = next_;
    next_->previous_ = previous_;
    next_ = nullptr;
    previous_ = nullptr;
  }

 protected:
  ~ListNode() { Unlink(); }

 private:
  template <typename T, typename U>
  friend class IntrusiveList;

  ListNode* next_ = nullptr;
  ListNode* previous_ = nullptr;
};

// A list of elements of type T : ListNode<Tag>. Owns none of them; what is left in it when it is
// destroyed is unlinked.
template <typename T, typename Tag>
class IntrusiveList {
 public:
  IntrusiveList() { Reset(); }
  ~IntrusiveList() {
    while (!empty()) head_.next_->Unlink();
    head_.next_ = nullptr;
  }
  IntrusiveList(const IntrusiveList&) = delete;
  IntrusiveList& operator=(const IntrusiveList&) = delete;

  bool empty() const { return head_.next_ == &head_; }
  // Precondition: not empty.
  T& front() { return *static_cast<T*>(head_.next_); }

  // Moves `element` here, to the end, from wherever it is.
  void PushBack(T& element) {
    ListNode<Tag>& node = element;
    node.Unlink();
    node.next_ = &head_;
    node.previous_ = head_.previous_;
    head_.previous_->next_ = &node;
    head_.previous_ = &node;
  }

  // Moves all of `other` here, to the end, in order.
  void TakeAll(IntrusiveList& other) {
    if (other.empty()) return;
    ListNode<Tag>* first = other.head_.next_;
    ListNode<Tag>* last = other.head_.previous_;
    first->previous_ = head_.previous_;
    head_.previous_->next_ = first;
    last->next_ = &head_;
    head_.previous_ = last;
    other.Reset();
  }

 private:
  struct Head final : ListNode<Tag> {};

  void Reset() { head_.next_ = head_.previous_ = &head_; }

  Head head_;
};

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_INTRUSIVE_LIST_H_
