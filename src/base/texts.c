/* texts.c - catalogues and the choice of a language (see texts.h).
 *
 * A catalogue is read at its first use into a hash table that is never changed again, so that
 * threads read it without a lock. The format is that of GNU gettext's manual, "The Format of GNU MO
 * Files".
 */
#include "base/texts.h"
#include "base/embedded.h"
#include "base/texts_internal.h"

#include <string.h>

enum { MAGIC = 0x950412de, HEADER = 20, N_LANGUAGES = 3 };

static const char *const languages[N_LANGUAGES + 1] = {"it", "en", "de", NULL};

const char *const *texts_languages(void)
{
    return languages;
}

/* --- catalogues --- */

typedef struct {
    const guint8 *bytes;
    gsize length;
    gboolean is_swapped; /* written on a machine of the other byte order */
} Mo;

static gboolean mo_word(const Mo *mo, guint64 offset, guint32 *word)
{
    if (offset > mo->length || mo->length - offset < sizeof *word)
        return FALSE;
    memcpy(word, mo->bytes + offset, sizeof *word);
    if (mo->is_swapped)
        *word = GUINT32_SWAP_LE_BE(*word);
    return TRUE;
}

/* The text that entry `index` of the table at `table` describes; NULL when it is not wholly inside.
 */
static const char *mo_text(const Mo *mo, guint32 table, guint32 index)
{
    guint32 length, offset;
    guint64 entry = table + (guint64)index * 8;
    if (!mo_word(mo, entry, &length) || !mo_word(mo, entry + 4, &offset))
        return NULL;
    if (offset > mo->length || mo->length - offset <= length || mo->bytes[offset + length] != '\0')
        return NULL;
    return (const char *)mo->bytes + offset;
}

static gboolean mo_open(Mo *mo, guint32 *n_texts, guint32 *ids, guint32 *translations)
{
    guint32 magic;
    if (mo->length < HEADER || !mo_word(mo, 0, &magic))
        return FALSE;
    mo->is_swapped = magic == GUINT32_SWAP_LE_BE((guint32)MAGIC);
    if (magic != MAGIC && !mo->is_swapped)
        return FALSE;
    return mo_word(mo, 8, n_texts) && mo_word(mo, 12, ids) && mo_word(mo, 16, translations);
}

GHashTable *texts_parse_catalogue(const guint8 *bytes, gsize length)
{
    Mo mo = {.bytes = bytes, .length = length};
    guint32 n_texts, ids, translations;
    if (!mo_open(&mo, &n_texts, &ids, &translations))
        return NULL;
    g_autoptr(GHashTable) texts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    for (guint32 i = 0; i < n_texts; i++) {
        const char *id = mo_text(&mo, ids, i), *text = mo_text(&mo, translations, i);
        if (!id || !text)
            return NULL;
        if (*id && *text)
            g_hash_table_insert(texts, g_strdup(id), g_strdup(text));
    }
    return g_steal_pointer(&texts);
}

static GHashTable *catalogue_load(const char *language)
{
    g_autofree char *name = g_strdup_printf("locale/%s.mo", language);
    const EmbeddedFile *file = embedded_find(name);
    GHashTable *texts = file ? texts_parse_catalogue(file->bytes, file->length) : NULL;
    if (!texts)
        g_warning("event=no_catalogue language=%s", language);
    return texts ? texts : g_hash_table_new(g_str_hash, g_str_equal);
}

/* NULL for Italian, whose texts are the msgids, and for languages we do not have. */
static GHashTable *catalogue(const char *language)
{
    static gsize catalogues[N_LANGUAGES]; /* pointers to hash tables */
    for (gsize i = 1; language && i < N_LANGUAGES; i++) {
        if (!g_str_equal(languages[i], language))
            continue;
        if (g_once_init_enter(&catalogues[i]))
            g_once_init_leave(&catalogues[i], GPOINTER_TO_SIZE(catalogue_load(language)));
        return GSIZE_TO_POINTER(catalogues[i]);
    }
    return NULL;
}

const char *texts_get_context(const char *language, const char *context, const char *msgid)
{
    GHashTable *texts = catalogue(language);
    if (!texts)
        return msgid;
    g_autofree char *key = context ? g_strconcat(context, "\004", msgid, NULL) : NULL;
    const char *text = g_hash_table_lookup(texts, key ? key : msgid);
    return text ? text : msgid;
}

const char *texts_get(const char *language, const char *msgid)
{
    return texts_get_context(language, NULL, msgid);
}

/* --- Accept-Language --- */

typedef struct {
    gint thousandths; /* -1: not mentioned */
    guint place;      /* in the header */
} Quality;

/* The weight after ";q=", in thousandths; 1000 without one, 0 when it is malformed. */
static gint weight(const char *parameters)
{
    while (*parameters && *parameters != 'q' && *parameters != 'Q')
        parameters++;
    if (!*parameters)
        return 1000;
    parameters += strspn(parameters + 1, " \t") + 1;
    if (*parameters != '=')
        return 0;
    parameters += strspn(parameters + 1, " \t") + 1;
    gint thousandths = 0;
    if (*parameters != '0' && *parameters != '1')
        return 0;
    thousandths = (*parameters++ - '0') * 1000;
    if (*parameters == '.')
        for (gint unit = 100; g_ascii_isdigit(*++parameters); unit /= 10)
            thousandths += (*parameters - '0') * unit;
    return MIN(thousandths, 1000);
}

static void read_range(char *range, guint place, Quality of_language[N_LANGUAGES], Quality *of_any)
{
    char *parameters = strchr(range, ';');
    if (parameters)
        *parameters++ = '\0';
    Quality quality = {weight(parameters ? parameters : ""), place};
    g_strstrip(range);
    if (g_str_equal(range, "*"))
        *of_any = quality;
    range[strcspn(range, "-")] = '\0';
    for (gsize i = 0; i < N_LANGUAGES; i++)
        if (!g_ascii_strcasecmp(range, languages[i]) &&
            quality.thousandths > of_language[i].thousandths)
            of_language[i] = quality;
}

const char *texts_negotiate(const char *accept_language)
{
    Quality of_language[N_LANGUAGES], of_any = {-1, 0};
    for (gsize i = 0; i < N_LANGUAGES; i++)
        of_language[i] = of_any;
    g_auto(GStrv) ranges = g_strsplit(accept_language ? accept_language : "", ",", -1);
    for (guint i = 0; ranges[i]; i++)
        read_range(ranges[i], i, of_language, &of_any);

    const char *best = languages[0];
    Quality of_best = {0, 0};
    for (gsize i = 0; i < N_LANGUAGES; i++) {
        Quality mine = of_language[i].thousandths < 0 ? of_any : of_language[i];
        if (mine.thousandths < of_best.thousandths || mine.thousandths <= 0)
            continue;
        if (mine.thousandths == of_best.thousandths && mine.place >= of_best.place)
            continue;
        best = languages[i];
        of_best = mine;
    }
    return best;
}
