// A backup's archive, from wherever somebody got it: it is unpacked as a whole or refused, into its directory
// and nowhere else; and what was unpacked can be packed again.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <sstream>
#include <string>

#include "services/counter/backup_archive.h"
#include "services/counter/embedded/scratch_directory.h"

namespace {

using livecounter::counter::BackupArchive;
using livecounter::counter::UnpackBackup;

constexpr size_t kMaxBytes = 4096;

void Require(bool holds) {
  if (!holds) __builtin_trap();
}

std::string Pack(const std::string& directory) {
  auto archive = BackupArchive::Of(directory, absl::UnixEpoch());
  Require(archive.ok());
  std::string all;
  absl::StatusOr<std::string> piece = archive->Read(kMaxBytes);
  for (; piece.ok() && !piece->empty(); piece = archive->Read(kMaxBytes)) all += *piece;
  Require(piece.ok());
  return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const livecounter::counter::embedded::ScratchDirectory scratch;
  const std::string into = scratch.Path("into");
  std::istringstream archive(std::string(reinterpret_cast<const char*>(data), size));
  const bool unpacked = UnpackBackup(archive, into).ok();
  for (const auto& entry : std::filesystem::directory_iterator(scratch.path())) {
    Require(entry.path().filename() == "into");
  }
  if (!unpacked) return 0;
  std::istringstream again(Pack(into));
  Require(UnpackBackup(again, scratch.Path("again")).ok());
  return 0;
}
