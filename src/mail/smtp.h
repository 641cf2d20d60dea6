/* smtp.h - hands letters in at a submission server (RFC 6409) through libcurl.
 *
 * One connection that stays open for the next letter. TLS, or STARTTLS that is insisted on: chain
 * and host name are verified before a credential leaves (RFC 8314). One recipient a transaction,
 * so that each has an outcome of its own. What the letters are and when they leave is the outbox's.
 */
#pragma once
#include "base/config.h"
#include "mail/smtp_reply.h"

typedef struct {
    SmtpOutcome outcome;
    int code;           /* of the reply that said no, 0: none came */
    char status[12];    /* enhanced, "5.1.1", or "" */
    bool was_handed_in; /* all of it left: without a reply nobody knows whether it arrived */
    char trouble[160];  /* what went wrong, for operators: no addresses, no quotes; "" when sent */
} SmtpResult;

typedef struct Smtp Smtp;
Smtp *smtp_new(const ConfigSmtp *config); /* borrowed; does not connect */
void smtp_free(Smtp *smtp);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Smtp, smtp_free)
/* Addresses without angle brackets; those that are none (smtp_is_path) are refused here. */
SmtpResult smtp_send(Smtp *smtp, const char *sender, const char *recipient, GBytes *letter);
/* Connects and logs in only. `size_limit` (may be NULL): what the server says it takes, bytes, 0
 * when it does not say. */
SmtpResult smtp_try(Smtp *smtp, gint64 *size_limit);
bool smtp_is_open(const Smtp *smtp);
void smtp_close(Smtp *smtp); /* says QUIT; the next letter connects again */
/* Any thread: what is under way has a few seconds left, then it is given up. */
void smtp_hurry(Smtp *smtp);
