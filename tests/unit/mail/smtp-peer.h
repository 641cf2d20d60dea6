/* smtp-peer.h - a submission server in a thread of the test, without TLS or login. */
#pragma once
#include <gio/gio.h>

typedef struct {
    GSocketService *service;
    guint16 port;
    GMutex lock;
    GPtrArray *taken;   /* recipients of letters it said 250 to, in order */
    const char *domain; /* letters to addresses that end so get `reply` to RCPT; NULL: none */
    const char *reply;
    gint connections; /* atomic */
} SmtpPeer;

SmtpPeer *smtp_peer_start(void);
void smtp_peer_stop(SmtpPeer *peer);
/* From now on; NULL, NULL: takes everything. */
void smtp_peer_refuse(SmtpPeer *peer, const char *domain, const char *reply);
char *smtp_peer_taken(SmtpPeer *peer); /* joined by blanks; forgets them */
