/* password.c - passwords by argon2id (RFC 9106), the last part of token.h.
 *
 * One at a time in the process: each takes 64 MiB while it runs, and a burst of logins must wait in
 * a queue instead of taking the machine's memory. libsodium maps that memory for the call and
 * unmaps it.
 */
#include "base/token.h"

#include <sodium.h>
#include <string.h>

static GMutex one_at_a_time;

char *token_password_hash(const char *password)
{
    char hash[crypto_pwhash_STRBYTES];
    if (sodium_init() < 0)
        return NULL;
    g_mutex_lock(&one_at_a_time);
    int problem =
        crypto_pwhash_str(hash, password, strlen(password), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                          crypto_pwhash_MEMLIMIT_INTERACTIVE);
    g_mutex_unlock(&one_at_a_time);
    return problem ? NULL : g_strdup(hash);
}

bool token_password_matches(const char *hash, const char *password)
{
    if (!hash || !password || sodium_init() < 0)
        return false;
    g_mutex_lock(&one_at_a_time);
    int problem = crypto_pwhash_str_verify(hash, password, strlen(password));
    g_mutex_unlock(&one_at_a_time);
    return problem == 0;
}
