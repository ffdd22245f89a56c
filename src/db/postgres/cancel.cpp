#include "db/postgres/cancel.h"

#include <signal.h>

#include <future>
#include <system_error>
#include <thread>

namespace steward::db::postgres {
namespace {

/// While it is there no signal comes to this thread, nor to one that it starts: what is meant for the program is for
/// the thread that works.
class WithoutSignals {
 public:
  WithoutSignals() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~WithoutSignals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  WithoutSignals(const WithoutSignals&) = delete;
  WithoutSignals& operator=(const WithoutSignals&) = delete;

 private:
  sigset_t before_;
};

}  // namespace

// PQcancel waits for the server's answer without any limit, which over a Unix socket no setting gives it either. What
// it works with is its own, so it may be left waiting in a thread that nobody waits for.
bool cancel_within(PGconn* connection, std::chrono::milliseconds patience) {
  auto* cancel = libpq().PQgetCancel(connection);
  if (!cancel) return false;
  std::promise<bool> asked;
  auto answer = asked.get_future();
  try {
    const WithoutSignals none;
    std::thread([cancel, asked = std::move(asked)]() mutable {
      char why[256];
      const bool taken = libpq().PQcancel(cancel, why, sizeof why) == 1;
      libpq().PQfreeCancel(cancel);
      asked.set_value(taken);
    }).detach();
  } catch (const std::system_error&) {  // no thread is to be had
    libpq().PQfreeCancel(cancel);
    return false;
  }
  return answer.wait_for(patience) == std::future_status::ready && answer.get();
}

}  // namespace steward::db::postgres
