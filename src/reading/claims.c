/* claims.c - what a message says of itself: that it is urgent, that something is attached. Words of
 * politeness make nothing urgent; what is attached to a practice, will be sent or is not attached
 * is not missing. */
#include "reading/internal.h"

#define DENIED_WITHIN 4 /* words from "non" to "urgente" */
#define DENIED_CLOSE 3  /* from "non" to "allego" */
#define PAPER_WITHIN 6  /* tokens from "trasmetto" to what is sent */
#define PAPER_SHOWN 5   /* words behind "in allegato" that are shown with it */
#define WAY_WITHIN 10   /* from "trasmetto" to another way: "tramite il portale" */

/* How words of LEX_ATTACHED are built. */
enum {
    ATTACHED_VERB,   /* "allego", "in allegato" */
    ATTACHED_PLAIN,  /* "allegata": beside what it belongs to */
    ATTACHED_SENDING /* "trasmetto": with a paper */
};

static bool is_one_of(const Text *text, guint index, const char *const *words)
{
    for (; *words; words++)
        if (token_is(text, index, *words))
            return true;
    return false;
}

static bool word_before(const Text *text, guint at, guint within, const char *const *words)
{
    for (guint i = at; i-- > 0 && at - i <= within && token_at(text, i)->kind == TOKEN_WORD;)
        if (is_one_of(text, i, words))
            return true;
    return false;
}

/* --- urgent -------------------------------------------------------------------------------- */

/* "non è urgente", "nessuna urgenza", "in caso di urgenza". */
static bool is_denied(const Text *text, guint at)
{
    static const char *const words[] = {"non",   "nessuna", "senza", "caso", "casi", "nicht",
                                        "keine", "not",     "no",    "case", NULL};
    return word_before(text, at, DENIED_WITHIN, words);
}

static guint urgent_at(const Text *text, guint index)
{
    if (!token_is_wish(token_at(text, index)))
        return 0;
    guint n = lex_at(text, index, LEX_URGENT, NULL);
    return n > 0 && !is_denied(text, index) ? n : 0;
}

static void urgent_read(const Reading *reading, Value *object)
{
    const Text *texts[] = {reading->body, reading->subject};
    for (guint t = 0; t < G_N_ELEMENTS(texts); t++)
        for (guint i = 0; lex_next(texts[t], &i, text_count(texts[t]), LEX_SET(LEX_URGENT)); i++) {
            guint n = urgent_at(texts[t], i);
            if (n == 0)
                continue;
            value_set(object, "urgent_span",
                      proposal_new(reading, NULL, texts[t], i, i + n, LIKELY, "urgent"));
            return;
        }
}

/* --- attached ------------------------------------------------------------------------------ */

/* "in allegato alla SCIA", "allegata al progetto"; not "in allegato alla presente". */
static bool is_attached_elsewhere(const Text *text, guint at)
{
    static const char *const to[] = {"al", "alla", "all", "ai", "agli", "alle", "allo", NULL};
    static const char *const here[] = {"presente",  "mail",     "email",   "e", "pec",
                                       "messaggio", "seguente", "lettera", NULL};
    bool is_labelled = token_at(text, at)->kind == TOKEN_NUMBER ||
                       (token_at(text, at)->kind == TOKEN_WORD && token_at(text, at)->upper &&
                        token_at(text, at)->fold_length == 1);
    if (is_labelled) /* "allegato A al regolamento" */
        at++;
    static const char *const of[] = {"del", "della", "dell", "dei", "delle", NULL};
    if (is_labelled && is_one_of(text, at, of))
        return true;
    if (!is_one_of(text, at, to))
        return false;
    at += token_is_sign(text, at + 1, '\'') ? 2 : 1;
    return !is_one_of(text, at, here);
}

/* "gli allegati", "erano già allegate": nothing that comes with this message. */
static bool is_spoken_of(const Text *text, guint at)
{
    static const char *const words[] = {
        "gli",   "degli",   "negli",  "agli",   "sugli",  "dagli", "dell",      "nell",
        "all",   "gia",     "stato",  "stata",  "stati",  "state", "erano",     "era",
        "avevo", "avevamo", "nessun", "quali",  "quanti", "che",   "eventuali", "senza",
        "altri", "vostri",  "vs",     "quegli", "essere", NULL};
    static const char *const seen[] = {"vedi",    "vedere", "veda", "vedasi",
                                       "trovate", "trova",  NULL};
    if (token_is_sign(text, at - 1, '\'') && at > 1)
        at--;
    if (at > 1 && is_one_of(text, at - 2, seen))
        return false;
    bool is_the = at > 0 && token_is(text, at - 1, "l");
    return is_the || word_before(text, at, 1, words);
}

/* "trasmetto la documentazione", not "trasmetto la documentazione tramite il portale". */
static bool sends_paper(const Text *text, guint after)
{
    static const char *const ways[] = {"portale", "suap",        "separata", "domani", "separato",
                                       "poi",     "piattaforma", "posta",    NULL};
    static const char *const others[] = {"mail", "email",     "presente", "richiesta", "per",
                                         "pec",  "messaggio", "questa",   "link",      NULL};
    bool has_paper = false, has_other = false;
    for (guint i = after; i < after + WAY_WITHIN; i++) {
        const Token *token = token_at(text, i);
        if (token_ends_line(token) || token_is_sign(text, i, '.') || token_is_sign(text, i, ';'))
            break;
        if (is_one_of(text, i, ways))
            return false;
        has_other |= is_one_of(text, i, others); /* "invio questa mail per il progetto" */
        has_paper |= !has_other && i < after + PAPER_WITHIN && lex_at(text, i, LEX_PAPER, NULL) > 0;
    }
    return has_paper;
}

/* Tokens of words that say something comes with this message. */
static guint attached_at(const Text *text, guint index)
{
    static const char *const denying[] = {"non",    "senza", "se",    "qualora", "nulla",
                                          "niente", "nicht", "keine", "not",     "no",
                                          "quando", "prima", NULL};
    gint build = ATTACHED_VERB;
    if (!token_is_wish(token_at(text, index)))
        return 0;
    guint n = lex_at(text, index, LEX_ATTACHED, &build);
    if (n == 0 || word_before(text, index, DENIED_CLOSE, denying) ||
        is_attached_elsewhere(text, index + n))
        return 0;
    if (build == ATTACHED_PLAIN && is_spoken_of(text, index))
        return 0;
    if (build == ATTACHED_SENDING && !sends_paper(text, index + n))
        return 0;
    return n;
}

/* "In allegato" alone tells an officer little: up to PAPER_SHOWN words that follow, as long as they
 * are words of the same phrase that nothing else was read in; no article or preposition ends it. */
static guint attached_end(const Text *text, guint end)
{
    static const char *const small[] = {
        "e",     "ed",   "o",     "il",   "lo",   "la",  "l",  "i",   "gli",   "le",    "un",
        "una",   "uno",  "di",    "del",  "dell", "dei", "da", "dal", "della", "delle", "degli",
        "dello", "a",    "al",    "alla", "all",  "ai",  "in", "nel", "nella", "con",   "per",
        "che",   "come", "anche", "su",   "sul",  "the", "of", "and", "der",   "die",   "das",
        "den",   "und",  "zum",   "zur",  "vi",   "ne",  "se", NULL};
    guint last = end;
    for (guint i = end; i < end + PAPER_SHOWN && !token_ends_line(token_at(text, i - 1)); i++) {
        const Token *token = token_at(text, i);
        if (token_is_sign(text, i, '\'') && i > end)
            continue;
        if (token->kind != TOKEN_WORD || token->taken ||
            token->section != token_at(text, end - 1)->section)
            break;
        if (!is_one_of(text, i, small))
            last = i + 1;
    }
    return last;
}

static void attached_read(const Reading *reading, Value *object)
{
    const Text *text = reading->body;
    const Value *attachments = value_get(object, "attachments");
    if (attachments && value_length(attachments) > 0)
        return;
    for (guint i = 0; lex_next(text, &i, text_count(text), LEX_SET(LEX_ATTACHED)); i++) {
        guint n = attached_at(text, i);
        if (n == 0)
            continue;
        value_set(object, "attachments_span",
                  proposal_new(reading, NULL, text, i, attached_end(text, i + n), LIKELY,
                               "attachments.missing"));
        return;
    }
}

void claims_read(const Reading *reading, Value *object)
{
    urgent_read(reading, object);
    attached_read(reading, object);
}
