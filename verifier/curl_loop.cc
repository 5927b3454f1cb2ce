#include "verifier/curl_loop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace livecounter::verifier {
namespace {

constexpr int kEventsAtOnce = 256;

// In whole milliseconds, rounded up, so that what is waited for has come.
int Milliseconds(absl::Duration wait) {
  constexpr absl::Duration kLongest = absl::Hours(1);
  const absl::Duration bounded = std::clamp(wait, absl::ZeroDuration(), kLongest);
  return static_cast<int>(absl::ToInt64Milliseconds(absl::Ceil(bounded, absl::Milliseconds(1))));
}

uint32_t EpollEvents(int what) {
  return ((what & CURL_POLL_IN) != 0 ? EPOLLIN : 0U) |
         ((what & CURL_POLL_OUT) != 0 ? EPOLLOUT : 0U);
}

}  // namespace

CurlLoop::CurlLoop(int max_idle_connections, runtime::Clock& clock,
                   std::function<void(CURL*, CURLcode)> on_done)
    : clock_(clock),
      on_done_(std::move(on_done)),
      multi_(curl_multi_init()),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &OnSocket);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &OnTimer);
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, static_cast<long>(max_idle_connections));
  epoll_event event = {};
  event.events = EPOLLIN;
  event.data.fd = wake_;
  epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_, &event);
}

CurlLoop::~CurlLoop() {
  curl_multi_cleanup(multi_);
  close(wake_);
  close(epoll_);
}

void CurlLoop::Turn(absl::Time until) {
  std::array<epoll_event, kEventsAtOnce> events;
  const absl::Duration wait = std::min(until, timer_) - clock_.Now();
  const int count = epoll_wait(epoll_, events.data(), kEventsAtOnce, Milliseconds(wait));
  for (int i = 0; i < count; ++i) Serve(events[i].data.fd, events[i].events);
  if (clock_.Now() >= timer_) {
    timer_ = absl::InfiniteFuture();
    int running = 0;
    curl_multi_socket_action(multi_, CURL_SOCKET_TIMEOUT, 0, &running);
  }
  CollectDone();
}

void CurlLoop::Serve(int socket, uint32_t events) {
  if (socket == wake_) {
    uint64_t count = 0;
    [[maybe_unused]] const ssize_t size = read(wake_, &count, sizeof(count));
    return;
  }
  const int what = ((events & EPOLLIN) != 0 ? CURL_CSELECT_IN : 0) |
                   ((events & EPOLLOUT) != 0 ? CURL_CSELECT_OUT : 0) |
                   ((events & (EPOLLERR | EPOLLHUP)) != 0 ? CURL_CSELECT_ERR : 0);
  int running = 0;
  curl_multi_socket_action(multi_, socket, what, &running);
}

void CurlLoop::CollectDone() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    CURL* const easy = message->easy_handle;
    const CURLcode code = message->data.result;
    Remove(easy);  // and with it the message
    on_done_(easy, code);
  }
}

void CurlLoop::Wake() {
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t size = write(wake_, &one, sizeof(one));
}

int CurlLoop::OnSocket(CURL* /*easy*/, curl_socket_t socket, int what, void* self, void* known) {
  auto& loop = *static_cast<CurlLoop*>(self);
  if (what == CURL_POLL_REMOVE) {
    epoll_ctl(loop.epoll_, EPOLL_CTL_DEL, socket, nullptr);
    return 0;
  }
  epoll_event event = {};
  event.events = EpollEvents(what);
  event.data.fd = socket;
  epoll_ctl(loop.epoll_, known == nullptr ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, socket, &event);
  curl_multi_assign(loop.multi_, socket, self);  // not null: known from now on
  return 0;
}

// NOLINTNEXTLINE(google-runtime-int): libcurl's
int CurlLoop::OnTimer(CURLM* /*multi*/, long timeout_ms, void* self) {
  auto& loop = *static_cast<CurlLoop*>(self);
  loop.timer_ =
      timeout_ms < 0 ? absl::InfiniteFuture() : loop.clock_.Now() + absl::Milliseconds(timeout_ms);
  return 0;
}

}  // namespace livecounter::verifier
