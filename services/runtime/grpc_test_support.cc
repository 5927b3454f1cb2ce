#include "services/runtime/grpc_test_support.h"

#include <google/protobuf/descriptor.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <grpcpp/support/byte_buffer.h>

#include <cstdlib>

#include "absl/strings/str_cat.h"

namespace livecounter::runtime {
namespace {

// Waits for the one operation that is under way; true if it succeeded.
bool Await(grpc::CompletionQueue& queue) {
  void* tag = nullptr;
  bool ok = false;
  return queue.Next(&tag, &ok) && ok;
}

std::string Bytes(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  buffer.Dump(&slices);
  std::string bytes;
  for (const grpc::Slice& slice : slices) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return bytes;
}

}  // namespace

void KeepGrpcRunning() {
  // Without a port: nobody calls it. Never deleted.
  static auto* const service = new grpc::CallbackGenericService;
  static grpc::Server* const server =
      grpc::ServerBuilder().RegisterCallbackGenericService(service).BuildAndStart().release();
  if (server == nullptr) std::abort();
}

RawAnswer RawCall(const std::shared_ptr<grpc::Channel>& channel, const std::string& path,
                  const std::string& request, const std::string& authorization,
                  std::chrono::milliseconds limit) {
  grpc::GenericStub stub(channel);
  grpc::CompletionQueue queue;
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + limit);
  if (!authorization.empty()) context.AddMetadata("authorization", authorization);
  const std::unique_ptr<grpc::GenericClientAsyncReaderWriter> call =
      stub.PrepareCall(&context, path, &queue);
  call->StartCall(nullptr);
  Await(queue);
  const grpc::Slice slice(request);
  call->Write(grpc::ByteBuffer(&slice, 1), grpc::WriteOptions().set_last_message(), nullptr);
  Await(queue);

  RawAnswer answer;
  grpc::ByteBuffer response;
  for (call->Read(&response, nullptr); Await(queue); call->Read(&response, nullptr)) {
    answer.responses.push_back(Bytes(response));
  }
  grpc::Status status;
  call->Finish(&status, nullptr);
  Await(queue);
  answer.code = status.error_code();
  answer.message = status.error_message();
  return answer;
}

std::vector<std::string> UnprotectedMethods(const std::shared_ptr<grpc::Channel>& channel,
                                            const std::string& service_full_name) {
  const google::protobuf::ServiceDescriptor* service =
      google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(service_full_name);
  if (service == nullptr) return {absl::StrCat("there is no service ", service_full_name)};
  std::vector<std::string> unprotected;
  for (int i = 0; i < service->method_count(); ++i) {
    const std::string path = absl::StrCat("/", service_full_name, "/", service->method(i)->name());
    for (const char* authorization : {"", "Bearer not-the-token"}) {
      const int code = RawCall(channel, path, "", authorization).code;
      if (code != grpc::StatusCode::UNAUTHENTICATED) {
        unprotected.push_back(absl::StrCat(path, " with authorization \"", authorization,
                                           "\" ended with code ", code));
      }
    }
  }
  return unprotected;
}

}  // namespace livecounter::runtime
