// Owns one file descriptor and closes it.

#ifndef LIVECOUNTER_GATEWAY_NET_FILE_DESCRIPTOR_H_
#define LIVECOUNTER_GATEWAY_NET_FILE_DESCRIPTOR_H_

#include <unistd.h>

#include <utility>

namespace livecounter::gateway::net {

class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(other.Release()) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    Reset();
    fd_ = other.Release();
    return *this;
  }
  ~FileDescriptor() { Reset(); }

  bool valid() const { return fd_ >= 0; }
  int get() const { return fd_; }
  // Gives it away.
  int Release() { return std::exchange(fd_, -1); }
  void Reset() {
    if (valid()) close(Release());
  }

 private:
  int fd_ = -1;
};

}  // namespace livecounter::gateway::net

#endif  // LIVECOUNTER_GATEWAY_NET_FILE_DESCRIPTOR_H_
