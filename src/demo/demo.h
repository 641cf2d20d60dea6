/* demo.h - `sportello demo`: its organisation, its office, its officer, its configuration and mail
 * folders. */
#pragma once
#include "base/config.h"
#include "demo/demo_office.h"
#include "store/store.h"

/* Makes what is missing below `folder`: sportello.conf, mail folders, key. The path of the
 * configuration is owned by the caller. */
char *demo_make_files(const char *folder, const char *listen, GError **error);
/* Makes the organisation, the building office with its service and hours, and the officer when they
 * are missing. `password` NULL: a random one is made when the officer is new, and written to
 * <folder>/password (mode 0600) so that the next start can print it again. Returns the password to
 * print, owned by the caller. */
char *demo_make_rows(Store *store, const char *folder, const char *password, gint64 now,
                     GError **error);
