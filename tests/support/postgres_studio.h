#pragma once
#include <string>

#include "support/postgres.h"
#include "support/sandbox.h"

namespace steward::test {

/// A studio on the tests' PostgreSQL server, initialised by the role that owns it, with a role of the application
/// beside it. Database and roles go with it.
class PostgresStudio : public Sandbox {
 public:
  PostgresStudio();
  ~PostgresStudio();

  const std::string& name() const { return name_; }
  const std::string& role() const { return role_; }  ///< the application's; made by `db migrate --grant-to`, not here
  const std::string& owner() const { return owner_; }
  /// The database's URL as somebody opens it.
  std::string url_of(const std::string& role) const;

  /// Gives the role its grants and lets it log in.
  void grant();
  /// Runs the binary as that role.
  Process as(const std::string& role, const std::vector<std::string>& words, const std::string& input = {}) const;
  /// What the in-process operations stand on, as that role.
  ops::House house_of(const std::string& role) const;
  /// A session of that role, past every rule but the server's own.
  PostgresSession session(const std::string& role) const;
  /// What a role is refused with, and "" when it is not; nothing is kept.
  std::string refusal(const std::string& role, const std::string& statements) const;
  /// As the superuser.
  void administer(const std::string& statements) const;

 private:
  std::string name_, owner_, role_;
};

}  // namespace steward::test
