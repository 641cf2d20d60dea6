/* letter_sender.c - see letter_sender.h. */
#include "mail/letter_sender.h"

#include <string.h>

#define LOCAL_MOST 64 /* bytes; RFC 5321, 4.5.3.1.1 */
#define TAG "+b-"
#define PREFIX "s." /* of our Message-IDs */

/* Letters and digits only, whatever is in the row. NULL: there is none. */
static char *token_of(const char *message_id)
{
    if (!message_id || !g_str_has_prefix(message_id, PREFIX))
        return NULL;
    const char *token = message_id + strlen(PREFIX);
    gsize length = 0;
    while (g_ascii_isalnum(token[length]))
        length++;
    return length > 0 && token[length] == '@' ? g_strndup(token, length) : NULL;
}

char *letter_envelope_sender(const Letter *letter, const ConfigSmtp *way, bool subaddress)
{
    const char *address = way && way->from ? way->from : letter->sender;
    const char *at = address ? strrchr(address, '@') : NULL;
    if (!at)
        return NULL;
    g_autofree char *token = token_of(letter->message_id);
    gsize local = (gsize)(at - address);
    bool fits = token && local + strlen(TAG) + strlen(token) <= LOCAL_MOST;
    bool has_tag = memchr(address, '+', local) != NULL;
    if (!subaddress || letter->route == LETTER_BY_PEC || !fits || has_tag)
        return g_strdup(address);
    return g_strdup_printf("%.*s" TAG "%s%s", (int)local, address, token, at);
}
