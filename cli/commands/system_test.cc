#include <string>

#include "cli/cli_fixture.h"
#include "livecounter/v1/admin_service.pb.h"

namespace livecounter::cli {
namespace {

using testing::HasSubstr;

class SystemTest : public CliTest {
 protected:
  static v1::SystemStatus Status() {
    v1::SystemStatus status;
    status.set_version("1.2.3");
    status.set_epoch(7);
    status.set_present(12'345);
    v1::GatewaySession* const session = status.add_sessions();
    session->set_holder("00112233445566778899aabbccddeeff");
    session->set_stream(2);
    session->set_state(v1::GatewaySession::DETACHED);
    session->set_present(12'345);
    session->set_connections(20'000);
    return status;
  }
};

TEST_F(SystemTest, ShowsTheServiceAndItsGateways) {
  server_.Answer("AdminService/GetSystemStatus", Status());
  ASSERT_EQ(Run("system"), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("version           1.2.3\n"));
  EXPECT_THAT(out_, HasSubstr("recovering        no\n"));
  EXPECT_THAT(
      out_, HasSubstr("00112233445566778899aabbccddeeff  DETACHED       2   12,345       20,000"));
}

TEST_F(SystemTest, IsThereInJson) {
  server_.Answer("AdminService/GetSystemStatus", Status());
  ASSERT_EQ(Run("system -o json"), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("\"state\": \"DETACHED\""));
}

}  // namespace
}  // namespace livecounter::cli
