/* intake-desk.h - an office with a running intake: mail is put in, what the desk would see is
 * looked at. */
#pragma once
#include "base/token.h"
#include "installation.h"
#include "mail/intake.h"

typedef struct {
    Installation here;
    InstallationKey key;
    LetterBox box;
    Intake *intake;
    GMutex lock;
    GString *told; /* "request other ..." */
    gint letters;
} Desk;

/* One message of which the test waits for the reading. */
typedef struct {
    Desk *desk;
    gint64 id;
} Asked;

/* A message with the field "X-Crash: yes" ends its reader. */
extern Sandbox *desk_sandbox;

/* Starts the sandbox first, runs the tests that `add` adds, and takes everything down. */
int desk_main(int argc, char **argv, void (*add)(void));
#define DESK_TEST(function)                                                                        \
    g_test_add("/mail/intake/" #function, Desk, NULL, open_desk, function, close_desk)
void open_desk(Desk *desk, gconstpointer unused);
void close_desk(Desk *desk, gconstpointer unused);
void start_intake(Desk *desk, Sandbox *where);

gint64 store_bytes(Desk *desk, const char *bytes, gsize length);
gboolean is_read(gpointer asked);
/* Stored and read. */
Message *take_bytes(Desk *desk, const char *bytes, gsize length);
Message *take_mail(Desk *desk, const char *format, ...) G_GNUC_PRINTF(2, 3);
Message *take_sample(Desk *desk, const char *name);

Request *request_of(Desk *desk, gint64 id);
GPtrArray *letters_of(Desk *desk, gint64 request_id);
guint count_letters(Desk *desk);
guint count_requests(Desk *desk); /* in state new */
char *letter_text(Desk *desk, gint64 letter_id);
void was_told(Desk *desk, const char *expected); /* "request other": waits for it */
