#pragma once
#include <map>
#include <string>
#include <thread>

namespace steward::test {

/// Stands on the loopback before a server's Unix socket and hands every byte on, until it resets the connections (RST),
/// as a firewall or a dying router does.
class ResettingProxy {
 public:
  /// `socket` is the path of the server's.
  explicit ResettingProxy(std::string socket);
  ~ResettingProxy();
  ResettingProxy(const ResettingProxy&) = delete;
  ResettingProxy& operator=(const ResettingProxy&) = delete;

  int port() const { return port_; }
  /// Every connection that stands. Those that come later are served again.
  void reset() const { say('r'); }

 private:
  void say(char word) const;
  void serve();
  bool obey();
  void let_in();
  void hand_on(int from);
  void end(int one, bool resetting);

  std::string socket_;
  int port_ = 0, listener_ = -1, told_[2] = {-1, -1};
  std::map<int, int> other_end_;  ///< of each connection, both ways
  std::thread thread_;
};

}  // namespace steward::test
