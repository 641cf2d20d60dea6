/* lmtp.h - the way in for a mail server of this machine: LMTP (RFC 2033) on a unix socket.
 *
 * A recipient is an office's address or one of its others, with or without a +tag. Each office gets
 * the message as one row, with what the envelope said on top, as whoever delivers must add it (RFC
 * 5321, 4.4): Return-Path, and Delivered-To with the recipients of that office, because a tag may
 * stand in the envelope alone. The digest of a message does not count them (fingerprint.h).
 */
#pragma once
#include "base/clock.h"
#include "base/config.h"
#include "store/store.h"

typedef struct Lmtp Lmtp;
/* Listens on config->lmtp_socket, mode 0660 and of the server's group: the mail server's user must
 * be in it. `arrived` runs after each commit, in the thread of that client. */
Lmtp *lmtp_open(const Config *config, Store *store, const Clock *clock,
                void (*arrived)(gpointer context), gpointer context, GError **error);
void lmtp_close(Lmtp *lmtp); /* finishes what it is taking, removes the socket */
