#include "gateway/console/method_table.h"

#include <string>

#include "google/protobuf/descriptor.h"
#include "gtest/gtest.h"
#include "livecounter/v1/edge_service.pb.h"

namespace livecounter::gateway::console {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::ServiceDescriptor;

TEST(MethodTableTest, HasEveryMethodOfCounterServiceAndAdminService) {
  for (const char* name : {"livecounter.v1.CounterService", "livecounter.v1.AdminService"}) {
    const ServiceDescriptor* service = DescriptorPool::generated_pool()->FindServiceByName(name);
    ASSERT_NE(service, nullptr) << name;
    for (int i = 0; i < service->method_count(); ++i) {
      const auto* method = service->method(i);
      EXPECT_EQ(ConsoleMethods().Find(GrpcPath(*method)), method) << method->full_name();
    }
  }
  EXPECT_NE(ConsoleMethods().Find("/livecounter.v1.CounterService/WatchCounters"), nullptr);
}

TEST(MethodTableTest, HasNothingElse) {
  for (const char* path :
       {"", "/", "/livecounter.v1.CounterService", "/livecounter.v1.CounterService/",
        "/livecounter.v1.CounterService/getCounter", "livecounter.v1.CounterService/GetCounter",
        "/livecounter.v1.CounterService/GetCounter/", "/livecounter.v1.EdgeService/Attach",
        "/livecounter.v1.VerifierService/VerifyUser", "/grpc.health.v1.Health/Check"}) {
    EXPECT_EQ(ConsoleMethods().Find(path), nullptr) << path;
  }
}

TEST(MethodTableTest, LeavesOutWhatBrowsersCannotCall) {
  const MethodTable edge({v1::AttachRequest::descriptor()->file()});
  EXPECT_EQ(edge.Find("/livecounter.v1.EdgeService/Attach"), nullptr);
}

}  // namespace
}  // namespace livecounter::gateway::console
