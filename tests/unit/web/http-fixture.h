/* http-fixture.h - a real server in a thread of its own, and a raw client that writes bytes as they
 * are. */
#pragma once
#include "web/http.h"

typedef struct {
    HttpServer *server;
    GThread *thread;
    char *folder; /* of uploads */
} Running;

/* Port 0 of 127.0.0.1; what is 0 in `settings` gets small values for tests. */
void running_start(Running *running, HttpSettings settings, HttpQuickHandler *quick,
                   HttpHandler *handler, gpointer context);
void running_stop(Running *running); /* asks to stop, waits, frees; the folder must be empty */

int client_open(const Running *running); /* blocking, gives up reading after 20 s */
void client_send(int fd, const char *text);
void client_send_bytes(int fd, const void *bytes, gsize length);

typedef struct {
    guint status; /* 0: the connection ended before an answer */
    char *head;
    char *body;
    gsize length;
} Answer;
/* Reads one answer with its Content-Length (no body when `head_only`). */
Answer client_read(int fd, gboolean head_only);
void answer_clear(Answer *answer);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Answer, answer_clear)
char *answer_header(const Answer *answer, const char *name); /* owned; NULL when absent */
gboolean client_is_ended(int fd); /* waits for the end of the connection */

/* One connection, one request, one answer. */
Answer client_ask(const Running *running, const char *text);
