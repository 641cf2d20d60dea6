/* token.h - secrets, links and codes. libsodium underneath; sodium_init is done by the first call.
 */
#pragma once
#include <glib.h>
#include <stdbool.h>

#define TOKEN_LENGTH 26 /* 128 bits in Crockford base32 */

typedef struct {
    guint8 bytes[32];
} InstallationKey;

/* Reads the key file, or makes it (mode 0600) when it is missing and `create`. */
bool token_key_load(const char *file, bool create, InstallationKey *key, GError **error);

/* The link of one person to one request: HMAC-SHA-256(key, "request" | request | person |
 * generation). */
void token_for_request(const InstallationKey *key, gint64 request, gint64 person, guint generation,
                       char token[TOKEN_LENGTH + 1]);
/* The link of one seat: HMAC-SHA-256(key, "seat" | participant | generation). */
void token_for_seat(const InstallationKey *key, gint64 participant, guint generation,
                    char token[TOKEN_LENGTH + 1]);
/* What stands after the plus sign of a request's reply address, "r-edi-7k3m-q2.MAC" in lower case;
 * MAC is the first 13 characters (65 bits) of HMAC-SHA-256(key, "reply" | request | generation).
 * Whoever has it may write into the request; it opens no page. */
char *token_reply_tag(const InstallationKey *key, const char *code, gint64 request,
                      guint generation);
/* The canonical code in a tag, case folded; NULL when the words are no such tag. Says nothing
 * about whether the tag is genuine. */
char *token_reply_code(const char *tag);
/* Is it the tag of this request? Constant time; case and Crockford look-alikes are folded. */
bool token_reply_matches(const InstallationKey *key, const char *tag, gint64 request,
                         guint generation);
/* What the database holds: hex of SHA-256, 64 characters. Case and Crockford look-alikes are folded
 * first; false when `token` is no token at all. */
bool token_hash(const char *token, char hash[65]);

void token_random(char token[TOKEN_LENGTH + 1]); /* sessions and the like */
/* 1 .. 2^62: identifiers made before their row, each higher than the last of this process. They
 * follow the system's time and can be guessed: what must not be guessed is a token. */
gint64 token_new_id(void);
char *token_request_code(const char *prefix); /* "EDI-7K3M-Q2", random */
/* A code as people type it (spaces, lower case, O for 0) to its canonical form; NULL when it is
 * none. */
char *token_request_code_parse(const char *typed);

/* CSRF: a secret per session, masked per answer (BREACH). */
char *token_csrf_mask(const char *secret);
bool token_csrf_matches(const char *secret, const char *masked); /* constant time */

/* argon2id at libsodium's INTERACTIVE limits, one at a time in the process; the memory is given
 * back. */
char *token_password_hash(const char *password); /* NULL when out of memory */
bool token_password_matches(const char *hash, const char *password);
