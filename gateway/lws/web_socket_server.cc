#include "gateway/lws/web_socket_server.h"

#include <libwebsockets.h>
#include <sys/resource.h>

#include <algorithm>
#include <utility>

#include "absl/base/const_init.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "gateway/lws/web_socket.h"

namespace livecounter::gateway::net {

// Takes libwebsockets' one callback apart. `user` is the WebSocket, and null for what has none yet and for
// libwebsockets' own descriptors. (Were it null for all, libwebsockets would not tell when it begins to
// close a connection.)
class WebSocketEvents {
 public:
  // Non-zero asks for the connection to be closed.
  static int Handle(lws* wsi, lws_callback_reasons reason, void* user, void* in, size_t size) {
    if (user != nullptr) {
      return Handle(*static_cast<WebSocket*>(user), wsi, reason, {static_cast<char*>(in), size});
    }
    if (reason == LWS_CALLBACK_SERVER_NEW_CLIENT_INSTANTIATED) ServerOf(wsi).Adopt(wsi);
    return 0;
  }

 private:
  static WebSocketServer& ServerOf(lws* wsi) {
    return *static_cast<WebSocketServer*>(lws_context_user(lws_get_context(wsi)));
  }

  static int Handle(WebSocket& web_socket, lws* wsi, lws_callback_reasons reason,
                    absl::string_view in) {
    switch (reason) {
      case LWS_CALLBACK_ESTABLISHED:
        web_socket.OnEstablished();
        return 0;
      case LWS_CALLBACK_SERVER_WRITEABLE:
        web_socket.OnWritable();
        return 0;
      case LWS_CALLBACK_RECEIVE:
        web_socket.OnReceived(in, lws_is_final_fragment(wsi) != 0);
        return 0;
      case LWS_CALLBACK_RECEIVE_PONG:
        web_socket.OnPong();
        return 0;
      case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
        web_socket.OnPeerClose(in);
        return -1;
      case LWS_CALLBACK_WS_SERVER_DROP_PROTOCOL:
        web_socket.OnClosing();
        return 0;
      case LWS_CALLBACK_WSI_DESTROY:
        ServerOf(wsi).Forget(web_socket);
        return 0;
      default:
        return 0;
    }
  }
};

namespace {

// Making and destroying contexts touches what libwebsockets shares between them: its log, its plugins.
ABSL_CONST_INIT absl::Mutex context_mutex(absl::kConstInit);

// Received messages are cut to this; a control frame (125 bytes) has to fit.
constexpr size_t kReceiveBuffer = 128;
// Without it libwebsockets would write no more than kReceiveBuffer at once either.
constexpr size_t kTransmitPacket = 4096;
// Of the request that we write: it has about 150 bytes.
constexpr int kMaxHeaderData = 1024;
// libwebsockets does not believe a limit of more than ten million, and takes 2,560 instead.
constexpr rlim_t kMaxOpenFiles = 1'000'000;

const lws_protocols kProtocols[] = {
    {"livecounter", &WebSocketEvents::Handle, 0, kReceiveBuffer, 0, nullptr, kTransmitPacket},
    {nullptr, nullptr, 0, 0, 0, nullptr, 0}};

// All zero: no pings and no timers of libwebsockets' own, which are one sorted list.
const lws_retry_bo_t kNoTimers = {};

void SetOpenFiles(rlim_t at_least) {
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  const rlim_t wanted =
      std::min(std::clamp(limit.rlim_cur, at_least, kMaxOpenFiles), limit.rlim_max);
  if (wanted == limit.rlim_cur) return;
  limit.rlim_cur = wanted;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

absl::StatusOr<std::unique_ptr<WebSocketServer>> WebSocketServer::Create(
    Loop& loop, Residents& residents, const TransportLimits& limits) {
  std::unique_ptr<WebSocketServer> server(new WebSocketServer(loop, residents, limits));
  if (absl::Status status = server->Start(); !status.ok()) return status;
  return server;
}

absl::Status WebSocketServer::Start() {
  absl::MutexLock lock(&context_mutex);
  lws_set_log_level(0, nullptr);
  SetOpenFiles(limits_.wanted_descriptors);

  void* loops[] = {loop_.ev()};
  lws_context_creation_info info = {};
  info.port = CONTEXT_PORT_NO_LISTEN_SERVER;
  info.options = LWS_SERVER_OPTION_LIBEV | LWS_SERVER_OPTION_EXPLICIT_VHOSTS |
                 LWS_SERVER_OPTION_SKIP_SERVER_CANONICAL_NAME;
  info.foreign_loops = loops;
  info.count_threads = 1;
  info.user = this;
  info.protocols = kProtocols;
  info.retry_and_idle_policy = &kNoTimers;
  info.max_http_header_data = kMaxHeaderData;
  context_ = lws_create_context(&info);
  if (context_ == nullptr) {
    return absl::InternalError(
        "libwebsockets makes no context; is the package libwebsockets-evlib-ev installed?");
  }
  vhost_ = lws_create_vhost(context_, &info);
  if (vhost_ == nullptr) return absl::InternalError("libwebsockets makes no virtual host");
  return absl::OkStatus();
}

WebSocketServer::~WebSocketServer() {
  if (context_ == nullptr) return;
  absl::MutexLock lock(&context_mutex);
  lws_context_destroy(context_);
}

void WebSocketServer::Open(FileDescriptor socket, const Handshake& handshake,
                           std::unique_ptr<StreamHandler> handler) {
  const std::string request = absl::StrCat(
      "GET / HTTP/1.1\r\nHost: .\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ",
      handshake.key, "\r\n\r\n", handshake.early_bytes);
  WebSocket& web_socket = residents_.Add(std::make_unique<WebSocket>(*this, std::move(handler)));
  adopting_ = &web_socket;
  lws_adopt_socket_vhost_readbuf(vhost_, socket.Release(), request.data(), request.size());
  if (std::exchange(adopting_, nullptr) != nullptr) residents_.Remove(web_socket);
}

void WebSocketServer::Adopt(lws* wsi) {
  WebSocket* web_socket = std::exchange(adopting_, nullptr);
  lws_set_wsi_user(wsi, web_socket);
  web_socket->OnAdopted(wsi);
}

void WebSocketServer::Forget(WebSocket& web_socket) {
  web_socket.OnGone();
  residents_.Remove(web_socket);
}

}  // namespace livecounter::gateway::net
