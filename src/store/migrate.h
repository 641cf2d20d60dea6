/* migrate.h - brings the schema to the newest step. The steps are the numbered files of schema/,
 * built in. */
#pragma once
#include "store/store.h"

extern const char
    *const migrate_steps[]; /* step 1 first, ended by NULL; made by scripts/embed-sql.mjs */

/* Applies the steps that are missing, all in one transaction. NEWER when the schema is ahead of the
 * program. */
bool migrate(Db *db, const char *const *steps, GError **error);
/* False with NEWER or OLDER when the schema is another one; changes nothing. */
bool migrate_is_current(Db *db, const char *const *steps, GError **error);
