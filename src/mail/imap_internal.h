/* imap_internal.h - a connection, as imap_connect.c makes it and imap.c uses it; nobody else
 * includes it.
 */
#pragma once
#include "mail/imap.h"

#include <curl/curl.h>

struct Imap {
    CURL *curl;
    int socket, stop;
    gint64 limit_ms; /* of a command, and between two pieces of a body */
    guint8 *chunk;
    ImapStream *stream;
    guint64 received; /* bytes so far */
    guint capabilities;
    /* the command at hand */
    guint commands;
    char tag[16];
    bool is_answered, goes_on;
    ImapStatus status;
    char code[32];
    /* what it asks for; borrowed, NULL: nothing of the kind */
    GArray *found; /* guint32 */
    guint32 found_from;
    guint found_most;
    bool found_more;
    GArray *mails; /* ImapMail, one for each that was asked about */
    bool *told;    /* of each: the server said something of it */
    Arrival *arrival;
    gint64 body_most;
    bool has_body;
    guint32 fetched_uid, body_uid; /* of the latest FETCH, and of that with the body */
    /* the folder */
    ImapFolder folder;
    guint messages;
    bool has_news;
};

extern const ImapHandler imap_handler; /* the context is the Imap */
bool imap_ask_capabilities(Imap *imap, GError **error);
