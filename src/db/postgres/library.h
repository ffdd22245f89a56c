#pragma once
#include <libpq-fe.h>

namespace steward::db::postgres {

/// Every function of libpq that steward calls.
#define STEWARD_LIBPQ_FUNCTIONS(use)                                                                                  \
  use(PQconnectdbParams) use(PQstatus) use(PQerrorMessage) use(PQfinish) use(PQserverVersion) use(PQsocket)           \
      use(PQparameterStatus) use(PQsslInUse) use(PQsetnonblocking) use(PQflush) use(PQconsumeInput) use(PQisBusy)     \
          use(PQsendQuery) use(PQsendQueryParams) use(PQsendPrepare) use(PQsetSingleRowMode) use(PQgetResult)         \
              use(PQclear) use(PQresultStatus) use(PQresultErrorField) use(PQresultErrorMessage) use(PQcmdTuples)     \
                  use(PQcmdStatus) use(PQntuples) use(PQnfields) use(PQftype) use(PQgetisnull) use(PQgetvalue)        \
                      use(PQgetlength) use(PQenterPipelineMode) use(PQexitPipelineMode) use(PQpipelineSync)           \
                          use(PQputCopyData) use(PQputCopyEnd) use(PQgetCancel) use(PQcancel) use(PQfreeCancel)       \
                              use(PQsetNoticeReceiver) use(PQsetErrorVerbosity) use(PQreset) use(PQtransactionStatus) \
                                  use(PQconninfoParse) use(PQconninfo) use(PQconninfoFree) use(PQfreemem) use(PQdb)   \
                                      use(PQhost) use(PQport)

/// libpq, found when the first PostgreSQL database is opened: linked to the binary it would cost every start 4 ms.
struct Library {
// A name that is declared can't stand in parentheses.
// NOLINTNEXTLINE(bugprone-macro-parentheses)
#define STEWARD_LIBPQ_MEMBER(name) decltype(&::name) name = nullptr;
  STEWARD_LIBPQ_FUNCTIONS(STEWARD_LIBPQ_MEMBER)
#undef STEWARD_LIBPQ_MEMBER
};

/// Loads it once. Errors: precondition "postgres_client_missing".
const Library& libpq();

}  // namespace steward::db::postgres
