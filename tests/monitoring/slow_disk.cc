// Preloaded into a program (LD_PRELOAD), makes its disk as slow as a test says: every fdatasync() takes the milliseconds
// that stand in the file LIVECOUNTER_TEST_SYNC_DELAY at that moment, on top of its own time; no file, none.

#include <sys/syscall.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace {

int DelayMilliseconds() {
  const char* path = std::getenv("LIVECOUNTER_TEST_SYNC_DELAY");
  std::FILE* file = path == nullptr ? nullptr : std::fopen(path, "r");
  if (file == nullptr) return 0;
  int milliseconds = 0;
  if (std::fscanf(file, "%d", &milliseconds) != 1) milliseconds = 0;
  std::fclose(file);
  return milliseconds;
}

}  // namespace

extern "C" int fdatasync(int descriptor) {
  if (const int delay = DelayMilliseconds(); delay > 0) {
    usleep(static_cast<useconds_t>(delay) * 1000);
  }
  return static_cast<int>(syscall(SYS_fdatasync, descriptor));
}
