/* installation.h - a folder with a database and one office, for tests of mail that comes and goes.
 */
#pragma once
#include "base/clock.h"
#include "base/config.h"
#include "store/letter.h"
#include "store/message.h"
#include "store/office.h"
#include "store/person.h"
#include "store/request.h"

typedef struct {
    char *folder;
    Config config;
    Store *store;
    Clock *clock;
    Office office;
} Installation;

void installation_open(Installation *installation, gconstpointer unused);
void installation_close(Installation *installation, gconstpointer unused);
#define installation_add(path, test)                                                               \
    g_test_add(path, Installation, NULL, installation_open, test, installation_close)

/* A request of a person with that address; its code is the caller's. */
gint64 installation_request(Installation *installation, const char *email, char **code);
/* A waiting letter of the request. */
gint64 installation_letter(Installation *installation, gint64 request_id, const char *message_id,
                           gint64 sendable_at);
Message *installation_message(Installation *installation, gint64 id);
Letter *installation_find_letter(Installation *installation, gint64 id);
char *installation_raw(Installation *installation, gint64 id, gsize *length);
guint installation_waiting(Installation *installation);               /* messages in state stored */
GPtrArray *installation_files(const char *maildir, const char *part); /* names, sorted */
/* Waits until `done` says so, ten seconds at most. */
void wait_until(gboolean (*done)(gpointer data), gpointer data);
