#pragma once
#include <sqlite3.h>

/// Binds text that SQLite copies (`SQLITE_TRANSIENT` is a cast that Swift cannot spell).
int landfall_sqlite_bind_text(sqlite3_stmt *statement, int index, const char *text, int length);
