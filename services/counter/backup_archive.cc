#include "services/counter/backup_archive.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <numeric>
#include <system_error>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace livecounter::counter {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kBlock = 512;
constexpr int64_t kEndBytes = 2 * kBlock;
constexpr char kFolder[] = "backup/";
constexpr size_t kSumDigits = 64;
constexpr size_t kPieceBytes = size_t{64} << 10;
// Some 100,000 files.
constexpr int64_t kMaxSumsBytes = int64_t{16} << 20;

// The head of a file in a tar; numbers are octal text.
struct Header {
  std::array<char, 100> name;
  std::array<char, 8> mode;
  std::array<char, 8> uid;
  std::array<char, 8> gid;
  std::array<char, 12> size;
  std::array<char, 12> mtime;
  std::array<char, 8> checksum;
  char type;
  std::array<char, 100> link;
  std::array<char, 8> magic;  // with the version
  std::array<char, 247> rest;
};
static_assert(sizeof(Header) == kBlock);

constexpr char kPlainFile = '0';
constexpr std::array<char, 8> kMagic = {'u', 's', 't', 'a', 'r', '\0', '0', '0'};
constexpr int64_t kMaxFileBytes = (int64_t{1} << 33) - 1;  // eleven octal digits

template <size_t kSize>
void PutOctal(int64_t number, std::array<char, kSize>* field) {
  absl::SNPrintF(field->data(), kSize, "%0*o", static_cast<int>(kSize) - 1, number);
}

// As the checksum itself were blanks.
int64_t ChecksumOf(Header header) {
  header.checksum.fill(' ');
  std::array<unsigned char, kBlock> bytes;
  std::memcpy(bytes.data(), &header, bytes.size());
  return std::accumulate(bytes.begin(), bytes.end(), int64_t{0});
}

std::string MakeHeader(absl::string_view name, int64_t size, absl::Time time) {
  Header header = {};
  std::snprintf(header.name.data(), header.name.size(), "%s%.*s", kFolder,
                static_cast<int>(name.size()), name.data());
  PutOctal(0600, &header.mode);
  PutOctal(0, &header.uid);
  PutOctal(0, &header.gid);
  PutOctal(size, &header.size);
  PutOctal(std::max<int64_t>(absl::ToUnixSeconds(time), 0), &header.mtime);
  header.type = kPlainFile;
  header.magic = kMagic;
  PutOctal(ChecksumOf(header), &header.checksum);
  return {reinterpret_cast<const char*>(&header), sizeof(header)};
}

template <size_t kSize>
absl::string_view TextOf(const std::array<char, kSize>& field) {
  return {field.data(), strnlen(field.data(), kSize)};
}

// Nothing for what is no octal number.
template <size_t kSize>
absl::StatusOr<int64_t> NumberOf(const std::array<char, kSize>& field) {
  int64_t number = 0;
  const absl::string_view digits = TextOf(field);
  if (digits.empty()) return absl::DataLossError("a number is missing");
  for (const char digit : digits) {
    if (digit < '0' || digit > '7') return absl::DataLossError("a number is not octal");
    number = 8 * number + (digit - '0');
  }
  return number;
}

// Names of files that stand beside each other in one directory, and fit into a header.
bool IsFileName(absl::string_view name) {
  return !name.empty() && name != "." && name != ".." && !absl::StrContains(name, '/') &&
         name.size() + sizeof(kFolder) - 1 < std::tuple_size_v<decltype(Header::name)>;
}

int64_t Padded(int64_t size) { return (size + kBlock - 1) / kBlock * kBlock; }

absl::Status Failed(absl::string_view doing, absl::string_view path, const std::error_code& error) {
  return absl::UnavailableError(
      absl::StrCat("could not ", doing, " ", path, ": ", error.message()));
}

std::error_code LastError() { return {errno, std::generic_category()}; }

absl::Status Incomplete() {
  return absl::DataLossError("the archive is not complete: it ends too early");
}

absl::Status NoArchive(absl::string_view why) {
  return absl::DataLossError(absl::StrCat("the archive is damaged: ", why));
}

// What was written to the file, or which files are in the directory, survives a power cut.
absl::Status SyncPath(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return Failed("open", path, LastError());
  const bool synced = ::fsync(fd) == 0;
  const std::error_code error = LastError();
  ::close(fd);
  return synced ? absl::OkStatus() : Failed("sync", path, error);
}

std::string SumLine(absl::string_view sum, absl::string_view name) {
  return absl::StrCat(sum, "  ", name, "\n");
}

struct Entry {
  std::string name;
  int64_t size = 0;
};

absl::StatusOr<Entry> ReadHeader(std::istream& archive) {
  Header header;
  if (!archive.read(reinterpret_cast<char*>(&header), sizeof(header))) return Incomplete();
  const absl::StatusOr<int64_t> checksum = NumberOf(header.checksum);
  if (header.magic != kMagic || !checksum.ok() || *checksum != ChecksumOf(header)) {
    return NoArchive("the head of a file is not one that livecounterctl backup wrote");
  }
  absl::string_view name = TextOf(header.name);
  const absl::StatusOr<int64_t> size = NumberOf(header.size);
  const bool in_folder = absl::ConsumePrefix(&name, kFolder);
  if (header.type != kPlainFile || !in_folder || !IsFileName(name) || !size.ok()) {
    return NoArchive(
        absl::StrCat("it holds \"", absl::CHexEscape(name), "\", which is no file of a backup"));
  }
  return Entry{std::string(name), *size};
}

absl::Status SkipZeros(std::istream& archive, int64_t size) {
  for (; size > 0; --size) {
    const int byte = archive.get();
    if (byte == std::istream::traits_type::eof()) return Incomplete();
    if (byte != 0) return NoArchive("there is something between two files");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadSums(std::istream& archive, int64_t size) {
  if (size > kMaxSumsBytes) return NoArchive("its SHA256SUMS is too long");
  std::string sums(static_cast<size_t>(size), '\0');
  if (!archive.read(sums.data(), size)) return Incomplete();
  return sums;
}

absl::Status CheckEnd(std::istream& archive) {
  if (absl::Status zeros = SkipZeros(archive, kEndBytes); !zeros.ok()) return zeros;
  if (archive.peek() == std::istream::traits_type::eof()) return absl::OkStatus();
  return NoArchive("there is something after its end");
}

}  // namespace

absl::StatusOr<BackupArchive> BackupArchive::Of(const std::string& directory, absl::Time time) {
  std::vector<File> files;
  std::error_code error;
  for (fs::directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string();
    const auto size = static_cast<int64_t>(at->file_size(error));
    if (error) break;
    if (!IsFileName(name) || size > kMaxFileBytes) {
      return absl::InternalError(absl::StrCat(at->path().string(), " does not fit into a backup"));
    }
    files.push_back({name, size});
  }
  if (error) return Failed("read the directory", directory, error);
  std::sort(files.begin(), files.end(),
            [](const File& a, const File& b) { return a.name < b.name; });
  return BackupArchive(directory, time, std::move(files));
}

BackupArchive::BackupArchive(std::string directory, absl::Time time, std::vector<File> files)
    : directory_(std::move(directory)), time_(time), files_(std::move(files)) {
  int64_t sums_bytes = 0;
  for (const File& file : files_) {
    size_ += kBlock + Padded(file.size);
    sums_bytes += static_cast<int64_t>(SumLine("", file.name).size() + kSumDigits);
  }
  size_ += kBlock + Padded(sums_bytes) + kEndBytes;
}

absl::StatusOr<std::string> BackupArchive::Read(size_t most) {
  while (ready_.empty() && !is_complete_) {
    if (absl::Status filled = Fill(most); !filled.ok()) return filled;
  }
  std::string piece = ready_.substr(0, most);
  ready_.erase(0, piece.size());
  return piece;
}

absl::Status BackupArchive::Fill(size_t most) {
  if (file_.is_open()) return ReadFile(most);
  if (next_ < files_.size()) return OpenNext();
  AddWhole(kSumsFile, sums_);
  ready_.append(kEndBytes, '\0');
  is_complete_ = true;
  return absl::OkStatus();
}

absl::Status BackupArchive::OpenNext() {
  const File& file = files_[next_++];
  const std::string path = (fs::path(directory_) / file.name).string();
  file_.open(path, std::ios::binary);
  if (!file_.is_open()) return Failed("read", path, LastError());
  left_ = file.size;
  AddHeader(file.name, file.size);
  return absl::OkStatus();
}

absl::Status BackupArchive::ReadFile(size_t most) {
  const File& file = files_[next_ - 1];
  const auto wanted = std::min(left_, static_cast<int64_t>(most));
  std::string piece(static_cast<size_t>(wanted), '\0');
  if (!file_.read(piece.data(), wanted)) {
    return absl::UnavailableError(
        absl::StrCat("could not read ", directory_, "/", file.name, ": it is shorter than it was"));
  }
  sum_.Update(piece);
  ready_ += piece;
  left_ -= wanted;
  if (left_ > 0) return absl::OkStatus();
  file_.close();
  AddPadding(file.size);
  sums_ += SumLine(sum_.Finish(), file.name);
  return absl::OkStatus();
}

void BackupArchive::AddWhole(absl::string_view name, absl::string_view content) {
  AddHeader(name, static_cast<int64_t>(content.size()));
  ready_.append(content.data(), content.size());
  AddPadding(static_cast<int64_t>(content.size()));
}

void BackupArchive::AddHeader(absl::string_view name, int64_t size) {
  ready_ += MakeHeader(name, size, time_);
}

void BackupArchive::AddPadding(int64_t size) {
  ready_.append(static_cast<size_t>(Padded(size) - size), '\0');
}

absl::StatusOr<BackupReceiver> BackupReceiver::Into(const std::string& directory) {
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) return Failed("make the directory", directory, error);
  return BackupReceiver(directory);
}

absl::Status BackupReceiver::Receive(const std::string& name, std::istream& from, int64_t size) {
  const std::string path = (fs::path(directory_) / name).string();
  std::error_code error;
  if (fs::exists(path, error)) return NoArchive(absl::StrCat("it holds ", name, " twice"));
  std::ofstream file(path, std::ios::binary);
  runtime::Sha256 sum;
  std::string piece(kPieceBytes, '\0');
  int64_t left = size;
  while (file && left != 0) {
    const auto most = static_cast<int64_t>(piece.size());
    from.read(piece.data(), left < 0 ? most : std::min(left, most));
    const std::streamsize got = from.gcount();
    if (got == 0) break;
    sum.Update({piece.data(), static_cast<size_t>(got)});
    file.write(piece.data(), got);
    if (left > 0) left -= got;
  }
  file.close();
  if (!file) return Failed("write", path, LastError());
  if (from.bad()) return Failed("read what is to be", path, LastError());
  if (left > 0) return Incomplete();
  sums_[name] = sum.Finish();
  return SyncPath(path);
}

absl::Status BackupReceiver::Check(absl::string_view sums) const {
  std::map<std::string, std::string> expected;
  for (absl::string_view line : absl::StrSplit(sums, '\n', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(line, absl::MaxSplits("  ", 1));
    expected[std::string(parts.second)] = std::string(parts.first);
  }
  for (const auto& [name, sum] : expected) {
    const auto found = sums_.find(name);
    if (found == sums_.end()) return NoArchive(absl::StrCat(absl::CHexEscape(name), " is missing"));
    if (found->second != sum) {
      return NoArchive(absl::StrCat(absl::CHexEscape(name), " is not what it was: its SHA-256 is ",
                                    found->second));
    }
  }
  for (const auto& [name, sum] : sums_) {
    if (!expected.contains(name)) return NoArchive(absl::StrCat(name, " is not in ", kSumsFile));
  }
  return absl::OkStatus();
}

absl::Status BackupReceiver::Sync() const { return SyncPath(directory_); }

bool IsBackupArchive(const std::string& path) {
  std::ifstream archive(path, std::ios::binary);
  return ReadHeader(archive).ok();
}

absl::Status UnpackBackup(std::istream& archive, const std::string& directory) {
  absl::StatusOr<BackupReceiver> receiver = BackupReceiver::Into(directory);
  if (!receiver.ok()) return receiver.status();
  while (true) {
    const absl::StatusOr<Entry> entry = ReadHeader(archive);
    if (!entry.ok()) return entry.status();
    if (entry->name == kSumsFile) {
      const absl::StatusOr<std::string> sums = ReadSums(archive, entry->size);
      if (!sums.ok()) return sums.status();
      absl::Status whole = SkipZeros(archive, Padded(entry->size) - entry->size);
      if (whole.ok()) whole = CheckEnd(archive);
      if (whole.ok()) whole = receiver->Check(*sums);
      return whole.ok() ? receiver->Sync() : whole;
    }
    absl::Status received = receiver->Receive(entry->name, archive, entry->size);
    if (received.ok()) received = SkipZeros(archive, Padded(entry->size) - entry->size);
    if (!received.ok()) return received;
  }
}

}  // namespace livecounter::counter
