#include "cli/fake_server.h"

#include <google/protobuf/descriptor.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <atomic>
#include <chrono>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "livecounter/v1/admin_service.pb.h"
#include "livecounter/v1/counter_service.pb.h"
#include "services/runtime/grpc_status.h"
#include "services/runtime/grpc_test_support.h"

namespace livecounter::cli {
namespace {

std::string Bytes(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  buffer.Dump(&slices);
  std::string bytes;
  for (const grpc::Slice& slice : slices) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return bytes;
}

// "AdminService/GetAccount" of "/livecounter.v1.AdminService/GetAccount".
std::string ShortMethod(absl::string_view path) {
  absl::ConsumePrefix(&path, "/livecounter.v1.");
  return std::string(path);
}

const google::protobuf::MethodDescriptor* Find(const std::string& method) {
  // Using a message links its file into the pool.
  v1::Account::descriptor();
  v1::Counter::descriptor();
  return google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
      absl::StrCat("livecounter.v1.", absl::StrReplaceAll(method, {{"/", "."}})));
}

std::string RequestText(const std::string& method, const std::string& bytes) {
  const google::protobuf::MethodDescriptor* const descriptor = Find(method);
  if (descriptor == nullptr) return "unknown method";
  const std::unique_ptr<google::protobuf::Message> request(
      google::protobuf::MessageFactory::generated_factory()
          ->GetPrototype(descriptor->input_type())
          ->New());
  return request->ParseFromString(bytes) ? request->ShortDebugString() : "not a request";
}

std::shared_ptr<grpc::ServerCredentials> Credentials(const runtime::TlsFiles& tls) {
  if (!tls.enabled()) return grpc::InsecureServerCredentials();
  const absl::StatusOr<runtime::TlsPem> pem = runtime::LoadTlsFiles(tls);
  if (!pem.ok()) std::abort();
  grpc::SslServerCredentialsOptions options(
      tls.ca.empty() ? GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE
                     : GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  options.pem_root_certs = pem->ca;
  options.pem_key_cert_pairs.push_back({pem->key, pem->cert});
  return grpc::SslServerCredentials(options);
}

bool IsStream(const std::string& method) {
  const google::protobuf::MethodDescriptor* const descriptor = Find(method);
  return descriptor != nullptr && descriptor->server_streaming();
}

}  // namespace

// One call: reads its request, then writes what it is answered with.
class FakeServer::Reactor final : public grpc::ServerGenericBidiReactor {
 public:
  Reactor(FakeServer& server, const grpc::GenericCallbackServerContext& context) : server_(server) {
    call_.method = ShortMethod(context.method());
    const auto found = context.client_metadata().find("authorization");
    if (found != context.client_metadata().end()) {
      call_.authorization = std::string(found->second.data(), found->second.size());
    }
    StartRead(&request_);
  }

  void OnReadDone(bool ok) override {
    if (!ok) {
      Finish(grpc::Status::CANCELLED);
      return;
    }
    {
      absl::MutexLock lock(&mutex_);
      call_.request = RequestText(call_.method, Bytes(request_));
      reply_ = server_.Take(call_);
    }
    if (reply_.held) {
      EndHeld();
    } else {
      WriteNext();
    }
  }
  void OnCancel() override { EndHeld(); }
  void OnWriteDone(bool ok) override {
    if (ok) {
      WriteNext();
    } else {
      Finish(grpc::Status::CANCELLED);
    }
  }
  void OnDone() override {
    // ThreadSanitizer does not see how gRPC orders this after the last reaction.
    { absl::MutexLock lock(&mutex_); }
    delete this;
  }

 private:
  // A held call ends when it is held and its caller has given it up, in whatever order.
  void EndHeld() {
    if (++ends_ == 2) Finish(grpc::Status::CANCELLED);
  }

  void WriteNext() {
    if (next_ == reply_.messages.size()) {
      Finish(runtime::ToGrpcStatus(reply_.end));
      return;
    }
    {
      absl::MutexLock lock(&mutex_);
      const grpc::Slice slice(reply_.messages[next_++]);
      response_ = grpc::ByteBuffer(&slice, 1);
    }
    StartWrite(&response_);
  }

  FakeServer& server_;
  absl::Mutex mutex_;
  Call call_;
  Reply reply_;
  size_t next_ = 0;
  std::atomic<int> ends_ = 0;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer response_;
};

class FakeServer::Service final : public grpc::CallbackGenericService {
 public:
  explicit Service(FakeServer& server) : server_(server) {}
  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext* context) override {
    return new Reactor(server_, *context);
  }

 private:
  FakeServer& server_;
};

FakeServer::FakeServer(const runtime::TlsFiles& tls) : service_(std::make_unique<Service>(*this)) {
  runtime::KeepGrpcRunning();
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", Credentials(tls), &port);
  builder.RegisterCallbackGenericService(service_.get());
  server_ = builder.BuildAndStart();
  if (server_ == nullptr) std::abort();
  address_ = absl::StrCat("127.0.0.1:", port);
}

FakeServer::~FakeServer() { server_->Shutdown(std::chrono::system_clock::now()); }

void FakeServer::Answer(const std::string& method, const google::protobuf::Message& message) {
  AnswerStream(method, {&message});
}

void FakeServer::AnswerStream(const std::string& method,
                              const std::vector<const google::protobuf::Message*>& messages,
                              const absl::Status& end) {
  Reply reply;
  for (const google::protobuf::Message* message : messages) {
    reply.messages.push_back(message->SerializeAsString());
  }
  reply.end = end;
  absl::MutexLock lock(&mutex_);
  replies_[method].push_back(std::move(reply));
}

void FakeServer::Refuse(const std::string& method, const absl::Status& status) {
  AnswerStream(method, {}, status);
}

void FakeServer::Hold(const std::string& method) {
  absl::MutexLock lock(&mutex_);
  replies_[method].push_back({.held = true});
}

std::vector<FakeServer::Call> FakeServer::calls() const {
  absl::MutexLock lock(&mutex_);
  return calls_;
}

std::vector<std::string> FakeServer::RequestsOf(const std::string& method) const {
  absl::MutexLock lock(&mutex_);
  std::vector<std::string> requests;
  for (const Call& call : calls_) {
    if (call.method == method) requests.push_back(call.request);
  }
  return requests;
}

FakeServer::Reply FakeServer::Take(const Call& call) {
  absl::MutexLock lock(&mutex_);
  calls_.push_back(call);
  std::vector<Reply>& replies = replies_[call.method];
  if (replies.empty()) {
    Reply reply;
    if (!IsStream(call.method)) reply.messages.emplace_back();
    return reply;
  }
  Reply reply = replies.front();
  if (replies.size() > 1) replies.erase(replies.begin());
  return reply;
}

}  // namespace livecounter::cli
