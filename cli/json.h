// Messages as proto JSON: names in lowerCamelCase, zeros shown, 64-bit numbers as strings.

#ifndef LIVECOUNTER_CLI_JSON_H_
#define LIVECOUNTER_CLI_JSON_H_

#include <string>

namespace google::protobuf {
class Message;
}

namespace livecounter::cli {

// Indented, with a newline at the end.
std::string JsonDocument(const google::protobuf::Message& message);
// On one line, with a newline at the end.
std::string JsonLine(const google::protobuf::Message& message);

}  // namespace livecounter::cli

#endif  // LIVECOUNTER_CLI_JSON_H_
