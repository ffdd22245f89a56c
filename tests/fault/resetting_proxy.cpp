#include "fault/resetting_proxy.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <vector>

namespace steward::test {
namespace {

int connected_to(const std::string& path) {
  sockaddr_un where{};
  where.sun_family = AF_UNIX;
  std::strncpy(where.sun_path, path.c_str(), sizeof where.sun_path - 1);
  const int out = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::connect(out, reinterpret_cast<sockaddr*>(&where), sizeof where) == 0) return out;
  ::close(out);
  return -1;
}

}  // namespace

ResettingProxy::ResettingProxy(std::string socket) : socket_(std::move(socket)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof where;
  auto* address = reinterpret_cast<sockaddr*>(&where);
  REQUIRE(::bind(listener_, address, size) == 0);
  REQUIRE(::listen(listener_, 16) == 0);
  REQUIRE(::getsockname(listener_, address, &size) == 0);
  port_ = ::ntohs(where.sin_port);
  REQUIRE(::pipe2(told_, O_CLOEXEC) == 0);
  thread_ = std::thread([this] { serve(); });
}

ResettingProxy::~ResettingProxy() {
  say('q');
  thread_.join();
  for (const int fd : {listener_, told_[0], told_[1]}) ::close(fd);
}

void ResettingProxy::say(char word) const {
  while (::write(told_[1], &word, 1) != 1) continue;
}

void ResettingProxy::serve() {
  for (bool going_on = true; going_on;) {
    std::vector<pollfd> watched{{told_[0], POLLIN, 0}, {listener_, POLLIN, 0}};
    for (const auto& [one, other] : other_end_) watched.push_back({one, POLLIN, 0});
    ::poll(watched.data(), watched.size(), -1);
    if (watched[0].revents) going_on = obey();
    if (watched[1].revents) let_in();
    for (std::size_t i = 2; i < watched.size(); ++i)
      if (watched[i].revents && other_end_.contains(watched[i].fd)) hand_on(watched[i].fd);
  }
  while (!other_end_.empty()) end(other_end_.begin()->first, false);
}

bool ResettingProxy::obey() {
  char word = 0;
  if (::read(told_[0], &word, 1) != 1 || word == 'q') return false;
  while (!other_end_.empty()) end(other_end_.begin()->first, true);
  return true;
}

void ResettingProxy::let_in() {
  const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC), server = connected_to(socket_);
  other_end_[client] = server;
  other_end_[server] = client;
}

void ResettingProxy::hand_on(int from) {
  char piece[16384];
  const auto got = ::recv(from, piece, sizeof piece, 0);
  if (got <= 0 || ::send(other_end_.at(from), piece, static_cast<std::size_t>(got), MSG_NOSIGNAL) != got)
    end(from, false);
}

// A lingering time of nothing: what is closed is not ended, but reset.
void ResettingProxy::end(int one, bool resetting) {
  const int other = other_end_.at(one);
  const linger nothing{1, 0};
  for (const int fd : {one, other}) {
    if (resetting) ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &nothing, sizeof nothing);
    ::close(fd);
    other_end_.erase(fd);
  }
}

}  // namespace steward::test
