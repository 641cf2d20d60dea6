/* imap_say.c - the few words of IMAP that we make ourselves, from values that may be anything
 * (imap_parse.h).
 */
#include "mail/imap_parse.h"

#include <string.h>

/* A run of characters beyond ASCII: "&", base64 of its UTF-16 with "," for "/", "-". */
static void append_shifted(GString *out, const gunichar *run, gsize count)
{
    g_autofree gunichar2 *units = NULL;
    glong length = 0;
    units = g_ucs4_to_utf16(run, (glong)count, NULL, &length, NULL);
    if (!units)
        return;
    for (glong i = 0; i < length; i++)
        units[i] = GUINT16_TO_BE(units[i]);
    g_autofree char *base64 = g_base64_encode((const guchar *)units, (gsize)length * 2);
    g_strdelimit(base64, "/", ',');
    base64[strcspn(base64, "=")] = '\0';
    g_string_append_printf(out, "&%s-", base64);
}

static void append_plain(GString *out, gunichar c)
{
    if (c == '"' || c == '\\')
        g_string_append_c(out, '\\');
    g_string_append_c(out, (char)c);
    if (c == '&')
        g_string_append_c(out, '-');
}

char *imap_quote_folder(const char *name)
{
    glong count;
    g_autofree gunichar *characters =
        g_utf8_validate(name, -1, NULL) ? g_utf8_to_ucs4_fast(name, -1, &count) : NULL;
    if (!characters)
        return NULL;
    g_autoptr(GString) out = g_string_new("\"");
    for (glong i = 0; i < count;) {
        if (g_unichar_iscntrl(characters[i]))
            return NULL;
        glong from = i;
        while (i < count && characters[i] > 0x7e && !g_unichar_iscntrl(characters[i]))
            i++;
        if (i > from)
            append_shifted(out, characters + from, (gsize)(i - from));
        else
            append_plain(out, characters[i++]);
    }
    g_string_append_c(out, '"');
    return g_string_free(g_steal_pointer(&out), FALSE);
}

char *imap_uid_set(const guint32 *uids, guint count)
{
    GString *out = g_string_new(NULL);
    for (guint i = 0; i < count;) {
        guint last = i;
        while (last + 1 < count && uids[last + 1] == uids[last] + 1)
            last++;
        g_string_append_printf(out, "%s%u", out->len ? "," : "", uids[i]);
        if (last > i)
            g_string_append_printf(out, ":%u", uids[last]);
        i = last + 1;
    }
    return g_string_free(out, FALSE);
}

char *imap_day(gint64 at)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    g_autoptr(GDateTime) day = g_date_time_new_from_unix_utc(at);
    if (!day)
        return g_strdup("1-Jan-1970");
    return g_strdup_printf("%d-%.3s-%04d", g_date_time_get_day_of_month(day),
                           months + (gsize)3 * (gsize)(g_date_time_get_month(day) - 1),
                           g_date_time_get_year(day));
}
