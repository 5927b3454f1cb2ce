#include "gateway/console/api.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/types/variant.h"
#include "gateway/client_address.h"
#include "gateway/console/connect_error.h"
#include "gateway/console/credentials.h"
#include "gateway/console/envelope.h"
#include "gateway/console/security_headers.h"
#include "gateway/console/session_answer.h"
#include "google/protobuf/descriptor.h"
#include "observability/trace_context.h"
#include "services/runtime/grpc_status.h"

namespace livecounter::gateway::console {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

constexpr char kJson[] = "application/json";

Headers BaseHeaders(const std::string& content_type, bool own_tls) {
  Headers headers = {{"content-type", content_type}, {"cache-control", "no-store"}};
  AddSecurityHeaders(ContentKind::kData, own_tls, headers);
  return headers;
}

Response ErrorResponse(const absl::Status& error, int http_status, bool own_tls) {
  Response response = {http_status, BaseHeaders(kJson, own_tls), ErrorJson(error)};
  if (http_status == 401) response.headers.emplace_back("www-authenticate", "Bearer");
  return response;
}

std::string EndOfStream(const absl::Status& status) {
  return EncodeEnvelope(EnvelopeKind::kEndOfStream, EndOfStreamJson(status));
}

// A stream that ends with what it begins with.
class EndedStream final : public StreamHandler {
 public:
  void OnOpen(Connection& connection) override { connection.Close({}); }
  void OnWritable(Connection& /*connection*/) override {}
  void OnMessage(Connection& /*connection*/, absl::string_view /*payload*/,
                 bool /*is_final*/) override {}
  void OnClosed(Connection& /*connection*/, absl::optional<uint16_t> /*code*/) override {}
};

absl::Status Stopping() {
  return absl::UnavailableError("the console is stopping; try again in a moment");
}

}  // namespace

// A call of one message each way. Lives in Api::unary_calls_ until it is answered or its client goes.
class Api::UnaryCall final : public UpstreamListener {
 public:
  UnaryCall(Api& api, const ConnectCall& call, std::unique_ptr<Exchange> exchange)
      : api_(api), call_(call), exchange_(std::move(exchange)), start_(api.loop_.Now()) {}

  void Start(UpstreamRequest request) {
    exchange_->OnAbandoned([this] {
      api_.CountEnd(call_, absl::CancelledError());
      api_.Remove(*this);
    });
    upstream_ = api_.upstream_->Start(std::move(request), api_.loop_, *this);
  }

  void OnMessage(std::string message) override {
    message_ = std::move(message);
    upstream_->Read();  // the status
  }

  void OnEnd(const absl::Status& status) override {
    api_.metrics_.request().Observe(absl::ToDoubleSeconds(api_.loop_.Now() - start_));
    exchange_->Respond(MakeResponse(status));
    api_.Remove(*this);
  }

 private:
  Response MakeResponse(const absl::Status& status) {
    const bool own_tls = api_.options_.own_tls;
    const absl::optional<std::string> cookie = TakeSession(
        *call_.method, exchange_->request(), status, api_.loop_.Now(), own_tls, message_);
    const absl::StatusOr<std::string> body =
        status.ok() ? EncodeMessage(*call_.method->output_type(), call_.encoding, message_)
                    : absl::StatusOr<std::string>(status);
    api_.CountEnd(call_, body.status());
    Response response =
        body.ok() ? Response{200, BaseHeaders(ContentTypeOf(call_), own_tls), *body}
                  : ErrorResponse(body.status(), HttpStatusOf(body.status().code()), own_tls);
    if (cookie.has_value()) response.headers.emplace_back("set-cookie", *cookie);
    return response;
  }

  Api& api_;
  const ConnectCall call_;
  const std::unique_ptr<Exchange> exchange_;
  const absl::Time start_;
  std::unique_ptr<UpstreamCall> upstream_;
  std::string message_;
};

// A call whose server streams: a stream of the transport, which owns it.
class Api::StreamCall final : public StreamHandler, public UpstreamListener {
 public:
  StreamCall(Api& api, const ConnectCall& call, UpstreamRequest request,
             AddressConnections::Place place)
      : api_(api), call_(call), request_(std::move(request)), place_(std::move(place)) {
    api_.streams_.insert(this);
    api_.metrics_.streams().Increment();
  }
  ~StreamCall() override {
    api_.metrics_.streams().Decrement();
    if (!has_ended_) api_.CountEnd(call_, absl::CancelledError());
    api_.Remove(*this);
  }

  void OnOpen(Connection& connection) override {
    connection_ = &connection;
    upstream_ = api_.upstream_->Start(std::move(request_), api_.loop_, *this);
  }

  void OnMessage(std::string message) override {
    const absl::StatusOr<std::string> payload =
        EncodeMessage(*call_.method->output_type(), call_.encoding, message);
    if (!payload.ok()) return End(payload.status());
    waiting_ = EncodeEnvelope(EnvelopeKind::kMessage, *payload);
    SendWaiting();
  }

  void OnEnd(const absl::Status& status) override { End(status); }

  // Says that it has ended, and how, behind what the client has still to take. More calls change nothing.
  void End(const absl::Status& status) {
    if (has_ended_) return;
    has_ended_ = true;
    api_.CountEnd(call_, status);
    upstream_.reset();
    absl::StrAppend(&waiting_, EndOfStream(status));
    SendWaiting();
  }

  void OnWritable(Connection& /*connection*/) override { SendWaiting(); }
  void OnMessage(Connection& /*connection*/, absl::string_view /*payload*/,
                 bool /*is_final*/) override {}
  void OnClosed(Connection& /*connection*/, absl::optional<uint16_t> /*code*/) override {
    connection_ = nullptr;
    upstream_.reset();
  }

 private:
  void SendWaiting() {
    if (connection_ == nullptr || waiting_.empty() || !connection_->Send(waiting_)) return;
    waiting_.clear();
    if (has_ended_) return connection_->Close({});
    upstream_->Read();
  }

  Api& api_;
  const ConnectCall call_;
  UpstreamRequest request_;
  const AddressConnections::Place place_;
  std::unique_ptr<UpstreamCall> upstream_;
  Connection* connection_ = nullptr;  // while it is open
  std::string waiting_;               // envelopes that the connection has not taken
  bool has_ended_ = false;
};

Api::Api(const ApiOptions& options, EventLoop& loop, const MethodTable& methods, Upstream* upstream,
         observability::ConsoleMetrics& metrics)
    : options_(options), loop_(loop), methods_(methods), upstream_(upstream), metrics_(metrics) {
  for (const google::protobuf::MethodDescriptor* method : methods.All()) {
    metrics_.AddMethod(method->service()->full_name(), method->name());
  }
}

Api::~Api() = default;

void Api::OnRequest(std::unique_ptr<Exchange> exchange) {
  const absl::variant<ConnectCall, ConnectRefusal> found = FindCall(exchange->request(), methods_);
  if (const auto* refusal = absl::get_if<ConnectRefusal>(&found)) {
    return RespondRefusal(*refusal, *exchange);
  }
  const auto& call = absl::get<ConnectCall>(found);
  const absl::StatusOr<std::string> authorization =
      AuthorizationOf(exchange->request(), options_.own_tls);
  if (!authorization.ok()) {
    const absl::Status& error = authorization.status();
    CountEnd(call, error);
    return RespondRefusal({HttpStatusOf(error.code()), error}, *exchange);
  }
  if (IsSignInRefused(call, *exchange)) return;
  absl::StatusOr<UpstreamRequest> request = MakeUpstreamRequest(exchange->request(), call);
  if (!request.ok()) return RespondError(call, request.status(), *exchange);
  request->authorization = *authorization;
  if (call.is_stream) return StartStream(call, *std::move(request), std::move(exchange));
  StartUnary(call, *std::move(request), std::move(exchange));
}

absl::StatusOr<UpstreamRequest> Api::MakeUpstreamRequest(const Request& request,
                                                         const ConnectCall& call) {
  if (is_draining_) return Stopping();
  if (upstream_ == nullptr) {
    return runtime::WithReason(
        absl::UnavailableError(
            "this gateway has no counter service for the console; start it with --counterd"),
        "NO_COUNTER_SERVICE");
  }
  absl::StatusOr<CallParameters> parameters = ReadCall(request, call);
  if (!parameters.ok()) return parameters.status();
  return UpstreamRequest{
      .path = GrpcPath(*call.method),
      .message = std::move(parameters->message),
      .traceparent = std::string(request.header(observability::kTraceparent).value_or("")),
      .timeout = parameters->timeout};
}

bool Api::IsSignInRefused(const ConnectCall& call, Exchange& exchange) {
  if (!BeginsSession(*call.method)) return false;
  const runtime::IpAddress address = ClientAddress(exchange.request(), options_.trusted_proxies);
  const absl::Duration wait = sign_ins_.Take(address.Site(), options_.sign_ins, loop_.Now());
  if (wait <= absl::ZeroDuration()) return false;
  const int64_t seconds = absl::ToInt64Seconds(absl::Ceil(wait, absl::Seconds(1)));
  const absl::Status error =
      runtime::WithReason(absl::ResourceExhaustedError(absl::StrCat(
                              "too many sign-ins from your address; try again in ", seconds, " s")),
                          "TOO_MANY_SIGN_INS");
  CountEnd(call, error);
  RespondRefusal({429, error, {{"retry-after", absl::StrCat(seconds)}}}, exchange);
  return true;
}

void Api::StartUnary(const ConnectCall& call, UpstreamRequest request,
                     std::unique_ptr<Exchange> exchange) {
  auto unary = std::make_unique<UnaryCall>(*this, call, std::move(exchange));
  UnaryCall& started = *unary;
  unary_calls_.insert(std::move(unary));
  started.Start(std::move(request));
}

absl::Status Api::TakeStreamPlace(const Request& request, AddressConnections::Place& place) {
  absl::optional<AddressConnections::Place> taken =
      stream_places_.Take(ClientAddress(request, options_.trusted_proxies), /*scope=*/"",
                          options_.max_streams_per_address);
  if (!taken.has_value()) {
    return runtime::WithReason(absl::ResourceExhaustedError(absl::StrCat(
                                   "your address has ", options_.max_streams_per_address,
                                   " streams open, as many as it may; close one")),
                               "TOO_MANY_STREAMS_OF_ADDRESS");
  }
  if (static_cast<int64_t>(streams_.size()) >= options_.max_streams) {
    return runtime::WithReason(
        absl::ResourceExhaustedError("the console has as many streams open as it may"),
        "TOO_MANY_STREAMS");
  }
  place = *std::move(taken);
  return absl::OkStatus();
}

void Api::StartStream(const ConnectCall& call, UpstreamRequest request,
                      std::unique_ptr<Exchange> exchange) {
  AddressConnections::Place place;
  const absl::Status status = TakeStreamPlace(exchange->request(), place);
  if (!status.ok()) return RespondError(call, status, *exchange);
  exchange->StartEventStream(
      BaseHeaders(ContentTypeOf(call), options_.own_tls), /*opening=*/"",
      std::make_unique<StreamCall>(*this, call, std::move(request), std::move(place)));
}

void Api::CountEnd(const ConnectCall& call, const absl::Status& status) {
  metrics_
      .requests(call.method->service()->full_name(), call.method->name(),
                static_cast<int>(status.code()))
      .Increment();
}

void Api::RespondError(const ConnectCall& call, const absl::Status& error, Exchange& exchange) {
  CountEnd(call, error);
  if (!call.is_stream) {
    return exchange.Respond(ErrorResponse(error, HttpStatusOf(error.code()), options_.own_tls));
  }
  exchange.StartEventStream(BaseHeaders(ContentTypeOf(call), options_.own_tls), EndOfStream(error),
                            std::make_unique<EndedStream>());
}

void Api::RespondRefusal(const ConnectRefusal& refusal, Exchange& exchange) {
  Response response = ErrorResponse(refusal.error, refusal.http_status, options_.own_tls);
  response.headers.insert(response.headers.end(), refusal.headers.begin(), refusal.headers.end());
  exchange.Respond(std::move(response));
}

void Api::Drain(std::function<void()> done) {
  is_draining_ = true;
  on_drained_ = std::move(done);
  const std::vector<StreamCall*> streams(streams_.begin(), streams_.end());
  for (StreamCall* stream : streams) stream->End(Stopping());
  CheckDrained();
}

void Api::Remove(UnaryCall& call) {
  unary_calls_.erase(unary_calls_.find(&call));
  CheckDrained();
}

void Api::Remove(StreamCall& call) {
  streams_.erase(&call);
  CheckDrained();
}

void Api::CheckDrained() {
  if (!on_drained_ || !unary_calls_.empty() || !streams_.empty()) return;
  std::exchange(on_drained_, nullptr)();
}

}  // namespace livecounter::gateway::console
