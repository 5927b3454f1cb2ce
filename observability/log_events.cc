#include "observability/log_events.h"

namespace livecounter::observability {
namespace {

constexpr char kEvery[] = "every program";
constexpr char kGateway[] = "gateway";
constexpr char kConsole[] = "console";
constexpr char kCounterd[] = "counter service";
constexpr char kStore[] = "store";

constexpr LogEvent kLogEvents[] = {
    // clang-format off
    {"starting", "info", kEvery, "program, version",
     "The first line: flags are good."},
    {"target_not_reached", "warning", kEvery, "flag, target",
     "--check_config: no gRPC server answers within 5 s where this flag says. The program would serve without it."},
    {"serving", "info", kEvery, "", "All ports are open, and the ready line was printed."},
    {"draining", "info", kEvery, "limit_seconds",
     "A signal came: not ready from now on, and everything open is brought to an end within the limit."},
    {"drained", "info", kEvery, "took_seconds", "Nothing is open any more."},
    {"stopped", "info", kEvery, "program", "The last line of a clean end."},
    {"failed", "error", kEvery, "program, error",
     "The last line of a program that could not go on, or not start; the error says what to do."},
    {"second_signal", "error", kEvery, "exit_code",
     "A second signal ended the process before it was drained."},
    {"drain_took_too_long", "error", kEvery, "exit_code",
     "The process ended itself: its drain passed the limit by 5 s."},
    {"call_handled", "warning, info, debug", kEvery, "method, code, took_seconds, trace_id",
     "A gRPC call has ended. A warning where the code is Unknown, Internal or DataLoss; info where the caller "
     "sent a sampled traceparent; else debug. trace_id only where the caller sent a traceparent."},
    {"grpc", "warning, debug", kEvery, "message, source, line",
     "What gRPC itself has to say, mostly what became of one connection."},

    {"upstream_attached", "info", kGateway, "stream",
     "The session with the counter service stands; stream counts how often it was opened."},
    {"upstream_lost", "warning", kGateway, "status",
     "The session broke; it is opened again within a second. Numbers stand still meanwhile."},
    {"upstream_not_reached", "warning, debug", kGateway, "status",
     "The session could not be opened. A warning once for each reason, then debug. Check --edge, its network, "
     "and --edge_token_file."},
    {"upstream_protocol_error", "error", kGateway, "status",
     "The counter service sent what a gateway cannot read: look whether their versions fit."},
    {"catalog_received", "info", kGateway, "products", "All products are known."},
    {"catalog_lost", "warning", kGateway, "status",
     "Changes of products do not come until the stream is open again; those known stay in force."},
    {"catalog_product_ignored", "error", kGateway, "status",
     "A product came that cannot be read, and is not served."},
    {"users_not_verified", "warning", kGateway, "status, waiting",
     "No verifier answered about users, who watch and do not count meanwhile. At most once a minute."},
    {"usage_inherited", "info", kGateway, "connections",
     "The journal of usage had connections that an earlier process accepted; they are being told of."},
    {"usage_journal_failed", "error", kGateway, "error",
     "The journal of usage could not be written or removed; tried again twice a second, and told of once. While "
     "it fails, a kill of this gateway costs more usage than that of a second."},
    {"usage_journal_unreadable", "error", kGateway, "file, reason",
     "What stood in the place of the journal of usage is none. It was renamed to this file; what it may have held "
     "is not counted."},
    {"usage_given_up", "error", kGateway, "connections",
     "A batch of usage was first sent 23 hours ago and not answered since. Whether it was counted nobody remembers, "
     "so it is not sent again."},
    {"tls_certificate_loaded", "info", kGateway, "file", "New files are in use for new connections."},
    {"tls_certificate_kept", "warning", kGateway, "reason",
     "New files cannot be used; the certificate of before still is."},
    {"max_connections_lowered", "warning", kGateway, "wanted, taken, help",
     "The limit of open files is too low for --max_connections: the gateway takes fewer streams, and says so to more."},
    {"closing_streams", "info", kGateway, "open", "A drain begins to close clients' streams."},
    {"closed_streams", "info", kGateway, "left", "It has closed them, or its time is over."},

    {"console_tls_certificate_loaded", "info", kConsole, "file", "As tls_certificate_loaded."},
    {"console_tls_certificate_kept", "warning", kConsole, "reason", "As tls_certificate_kept."},

    {"store_opened", "info", kCounterd, "data_dir, epoch", "The store is open, in a new epoch."},
    {"restored", "info", kCounterd, "from", "The store was made from a backup (--restore_from)."},
    {"restore_skipped", "info", kCounterd, "from, reason",
     "The store was made from this backup at an earlier start, and is left as it is."},
    {"demo_data_loaded", "info", kCounterd, "", "The store was empty, and has the demo account now."},
    {"session_attached", "info", kCounterd, "holder, stream",
     "A gateway's session stands; holder is the incarnation of the gateway's process."},
    {"session_ended", "info", kCounterd, "holder", "Its share has left: detached, or not heard of for a lease."},
    {"recovery_ended", "info", kCounterd, "", "The gateways of before the start have told what they hold."},
    {"presence_audit_mismatch", "warning", kCounterd, "count",
     "A gateway and this service held different presences; the gateway resends all it holds."},
    {"epoch_raised", "warning", kCounterd, "from, above",
     "A gateway has seen a higher epoch: the store was lost or restored."},
    {"verifier_unavailable", "warning", kCounterd, "error",
     "A test of a customer's endpoint failed between this service and the verifier; the customer was "
     "told UNAVAILABLE."},
    {"usage_not_counted", "warning", kCounterd, "number, error",
     "A batch of accepted connections could not be stored; it is tried again."},

    {"commit_failed", "error", kStore, "writes, error",
     "The disk refused a group of writes, which were answered with UNAVAILABLE. Reads and presence go on."},
    {"store_repaired", "info", kStore, "directory", "The disk takes writes again."},
    {"sweep_failed", "error", kStore, "error", "Expired records could not be removed; tried again in a minute."},
    {"history_not_written", "error", kStore, "error", "Points of history wait for the disk."},
    {"store_message", "warning, error", kStore, "message", "What RocksDB itself has to say."},
    // clang-format on
};

}  // namespace

absl::Span<const LogEvent> LogEvents() { return kLogEvents; }

}  // namespace livecounter::observability
