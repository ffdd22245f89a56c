// Preloaded into the tests' PostgreSQL: it is set up as in production, and its disk syncs cost nothing.
// A library of its own, not part of the tests (tests/CMakeLists.txt).

extern "C" {
int fsync(int) { return 0; }
int fdatasync(int) { return 0; }
int sync_file_range(int, long long, long long, unsigned) { return 0; }
}
