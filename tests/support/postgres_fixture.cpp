// What ctest runs before the first and after the last test on PostgreSQL (tests/CMakeLists.txt); hidden from
// whoever runs the binary by hand.
#include <catch2/catch.hpp>

#include "support/postgres.h"

using namespace steward::test;

TEST_CASE("the PostgreSQL server for the tests starts", "[.fixture]") { REQUIRE_NOTHROW(start_shared_server()); }
TEST_CASE("the PostgreSQL server for the tests stops", "[.fixture]") { REQUIRE_NOTHROW(stop_shared_server()); }
