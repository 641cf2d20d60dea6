/* sender.c - who writes: the name in the header, else the one a letter is signed with or begins
 * with ("sono Carla Monti"); and where an answer goes. */
#include "reading/people.h"

#include <string.h>

#define END_WORDS_MOST 16 /* of the lines a letter ends with */

typedef struct {
    const char *name, *email;
    const char *rule;  /* of the name */
    guint from, until; /* its tokens, both 0 when it comes from the header */
    Confidence confidence;
    bool is_forwarded; /* somebody of the comune passed it on */
} Sender;

/* --- a name in the text
 * --------------------------------------------------------------------------------- */

static bool begins_line(const Text *text, guint index)
{
    return index == 0 || token_ends_line(token_at(text, index - 1));
}

/* Past "Cordiali saluti," when the name follows on the same line. */
static guint past_closing(const Text *text, guint index)
{
    guint n = lex_at(text, index, LEX_CLOSING, NULL);
    n = n > 0 ? n : lex_at(text, index, LEX_THANKS, NULL);
    if (n == 0)
        return index;
    while (token_at(text, index + n)->kind == TOKEN_SIGN)
        n++;
    return index + n;
}

/* A name that is a line's whole, behind titles: its tokens. One word must be no known one:
 * "Segreteria", "Grazie". */
static guint name_of_line(const Text *text, guint index, guint *from)
{
    if (lex_at(text, index, LEX_SENT_FROM, NULL) || lex_at(text, index, LEX_PHONE, NULL) ||
        people_is_office(text, index))
        return 0;
    guint at = people_skip_titles(text, past_closing(text, index));
    guint n = people_name_at(text, at);
    const Token *after = token_at(text, at + n);
    bool ends = n > 0 && (token_ends_line(after) || after->kind == TOKEN_END ||
                          after->section != SECTION_SIGNATURE || after->kind == TOKEN_SIGN);
    bool is_known = n == 1 && (token_at(text, at)->word != 0 || people_is_office(text, at));
    if (!ends || is_known || token_is_sign(text, at + n, '@') || token_is_sign(text, at + n, '/'))
        return 0;
    static const char *const firms[] = {"studio", "ditta", "impresa", "societa", "azienda", NULL};
    for (guint i = at; i < at + n; i++)
        if (people_is_office(text, i) || people_is_word(text, i, firms))
            return 0;
    *from = at;
    return n;
}

/* The first line of the signature that is a name; 0 tokens when there is none. */
static guint signed_name(const Text *text, guint *from)
{
    for (guint i = 0; i < text_count(text); i++) {
        if (token_at(text, i)->section != SECTION_SIGNATURE || !begins_line(text, i))
            continue;
        guint n = name_of_line(text, i, from);
        if (n > 0)
            return n;
    }
    return 0;
}

/* A line at the end of the letter that is a whole name, without a farewell before it. */
static guint last_name(const Text *text, guint *from)
{
    guint last = text_count(text), words = 0;
    while (last > 0 && token_at(text, last - 1)->section != SECTION_BODY)
        last--;
    for (guint i = last; i-- > 1 && words <= END_WORDS_MOST && last - i < 4 * END_WORDS_MOST;) {
        const Token *token = token_at(text, i);
        words += token->kind == TOKEN_WORD ? 1 : 0;
        if (token->kind != TOKEN_WORD || token->section != SECTION_BODY || !begins_line(text, i))
            continue;
        guint n = people_name_at(text, i);
        const Token *after = token_at(text, i + n);
        bool is_whole = n >= 2 && n <= 5 && !people_is_office(text, i) &&
                        (token_ends_line(after) || after->kind == TOKEN_END);
        if (!is_whole || lex_at(text, i, LEX_SALUTATION, NULL))
            continue;
        *from = i;
        return n;
    }
    return 0;
}

/* "sn mirko della impresa bassi": one word that is no known one, before its firm. */
static bool is_of_firm(const Text *text, guint index)
{
    static const char *const of[] = {"della", "dell", "del", "dello", "di", NULL};
    static const char *const firms[] = {"impresa", "ditta",   "societa",      "studio",
                                        "azienda", "agenzia", "falegnameria", NULL};
    static const char *const endings[] = {"ato", "ata", "uto", "uta", "ito", "ita",
                                          "nte", "ore", "ice", "rio", "ria", "sta"};
    const Token *token = token_at(text, index);
    const char *end = text->folded->str + token->fold + token->fold_length;
    for (guint i = 0; token->fold_length >= 3 && i < G_N_ELEMENTS(endings); i++)
        if (memcmp(end - 3, endings[i], 3) == 0)
            return false; /* "interessato", "referente" say what somebody is */
    guint at = index + 2 + (token_is_sign(text, index + 2, '\'') ? 1 : 0);
    return token->kind == TOKEN_WORD && token->word == 0 && token->fold_length >= 3 &&
           lex_languages(text, index) == 0 && people_is_word(text, index + 1, of) &&
           people_is_word(text, at, firms);
}

/* "il sottoscritto Gino Parise", "mi chiamo Aldo Riva"; "sono" needs a whole name. */
static guint presented_name(const Text *text, guint *from)
{
    for (guint i = 0; lex_next(text, &i, text_count(text), LEX_SET(LEX_PRESENTS)); i++) {
        gint is_weak = 0;
        if (token_at(text, i)->section != SECTION_BODY)
            continue;
        guint n = lex_at(text, i, LEX_PRESENTS, &is_weak);
        if (n == 0)
            continue;
        guint at = people_skip_titles(text, i + n);
        guint words = people_name_at(text, at);
        if (words <= 1 && is_of_firm(text, at)) {
            *from = at;
            return 1;
        }
        bool is_titled = at > i + n && lex_within(text, i + n, at, LEX_TITLE, NULL);
        if (words == 0 || (is_weak && words < 2 && !is_titled) || people_is_office(text, at))
            continue;
        *from = at;
        return words;
    }
    return 0;
}

/* "grazie 3475550121 luca": one word at the very end, after thanks. */
static guint trailing_name(const Text *text, guint *from)
{
    guint last = text_count(text);
    while (last > 0 && !(token_at(text, last - 1)->section == SECTION_BODY &&
                         token_at(text, last - 1)->kind == TOKEN_WORD))
        last--;
    if (last < 3)
        return 0;
    last--;
    guint start = last > 6 ? last - 6 : 0;
    bool after_thanks = lex_within(text, start, last, LEX_THANKS, NULL) ||
                        lex_within(text, start, last, LEX_CLOSING, NULL);
    bool is_known_word = lex_languages(text, last) > 0 || token_at(text, last)->word != 0;
    if (!after_thanks || is_known_word || token_at(text, last)->fold_length < 3)
        return 0;
    *from = last; /* "Ringrazio, Rina Fasoli" */
    bool has_first = token_at(text, last)->upper && token_at(text, last - 1)->upper &&
                     token_at(text, last - 1)->kind == TOKEN_WORD &&
                     token_at(text, last - 1)->word == 0 && !lex_languages(text, last - 1);
    *from -= has_first ? 1 : 0;
    return has_first ? 2 : 1;
}

static void name_from_text(const Reading *reading, Sender *sender)
{
    static const struct {
        guint (*find)(const Text *text, guint *from);
        const char *rule;
    } ways[] = {{signed_name, "sender.signature"},
                {last_name, "sender.last_line"},
                {presented_name, "sender.presents"},
                {trailing_name, "sender.last_word"}};
    const Text *text = reading->body;
    for (guint i = 0; i < G_N_ELEMENTS(ways); i++) {
        guint from = 0, n = ways[i].find(text, &from);
        if (n == 0)
            continue;
        sender->name = proposal_raw(reading, text, from, from + n);
        sender->from = from;
        sender->until = from + n;
        sender->rule = ways[i].rule;
        sender->confidence = LIKELY;
        return;
    }
}

/* --- a message that was passed on
 * ------------------------------------------------------------------------- */

/* Is the address in the domain of the office's own mailbox? */
bool sender_is_colleague(const ReadingOffice *office, const char *email)
{
    const char *domain = email ? strrchr(email, '@') : NULL;
    for (guint i = 0; domain && office->own_addresses && office->own_addresses[i]; i++) {
        const char *own = strrchr(office->own_addresses[i], '@');
        if (own && g_ascii_strcasecmp(own, domain) == 0)
            return true;
    }
    return false;
}

/* "Giovanni Verdi <g.verdi@posta.example>" in [from, until). */
static bool header_person(const Reading *reading, Sender *sender, guint from, guint until)
{
    const Text *text = reading->body;
    while (from < until && (token_is_sign(text, from, '"') || token_is_sign(text, from, '*') ||
                            token_is_sign(text, from, '\'')))
        from++;
    guint name_until = from;
    while (name_until < until && token_at(text, name_until)->kind != TOKEN_SIGN)
        name_until++;
    sender->email = people_email_within(reading, text, from, until);
    if (!sender->email || classify_is_own(reading->office, sender->email))
        return false;
    bool is_address = token_is_sign(text, name_until, '@') ||
                      (token_is_sign(text, name_until, '.') && token_glued(text, name_until + 1));
    sender->name = NULL;
    sender->rule = "sender.forwarded";
    sender->confidence = LIKELY;
    sender->is_forwarded = true;
    if (name_until == from || is_address)
        return true;
    sender->name = proposal_raw(reading, text, from, name_until);
    sender->from = from;
    sender->until = name_until;
    return true;
}

/* "Da: Giovanni Verdi <g.verdi@posta.example>" above a forwarded message. */
static bool forwarded_sender(const Reading *reading, Sender *sender)
{
    const Text *text = reading->body;
    for (guint i = 0; lex_next(text, &i, text_count(text), LEX_SET(LEX_HEAD_FROM)); i++) {
        guint n = begins_line(text, i) && token_at(text, i)->section != SECTION_BODY
                      ? lex_at(text, i, LEX_HEAD_FROM, NULL)
                      : 0;
        if (n == 0 || !token_is_sign(text, i + n, ':'))
            continue;
        guint until = i + n + 1;
        while (until < text_count(text) && !token_ends_line(token_at(text, until)))
            until++;
        Sender found = *sender;
        if (!header_person(reading, &found, i + n + 1, until))
            return false;
        *sender = found;
        return true;
    }
    return false;
}

/* --- the whole
 * ---------------------------------------------------------------------------------------- */

/* "Per conto di: mario.rossi@pec.example", as providers of certified mail write: what follows. */
static const char *past_behalf(const char *name)
{
    static const char prefix[] = "per conto di";
    gsize length = strlen(prefix);
    if (!name || g_ascii_strncasecmp(name, prefix, length) != 0)
        return name;
    name += length;
    return name + strspn(name, ": ");
}

/* "Info <info@studio.example>" names nobody. */
static bool is_no_name(const char *name)
{
    static const char *const words[] = {"info",   "segreteria", "ufficio", "amministrazione",
                                        "posta",  "mail",       "email",   "e-mail",
                                        "admin",  "utente",     "user",    "contatti",
                                        "pec",    "studio",     "tecnico", "ufficio tecnico",
                                        "office", "direzione",  "home",    "iphone"};
    for (guint i = 0; i < G_N_ELEMENTS(words); i++)
        if (g_ascii_strcasecmp(name, words[i]) == 0)
            return true;
    return false;
}

/* The name in the header, and for the provider's envelope the address in its place. */
static void name_from_header(const Reading *reading, Sender *sender)
{
    const char *name = past_behalf(reading->message->from.name);
    bool is_provider = name != reading->message->from.name && sender->email &&
                       g_ascii_strncasecmp(sender->email, "posta-certificata@", 18) == 0;
    if (!name || !name[0])
        return;
    if (!strchr(name, '@')) {
        sender->name = name;
        sender->rule = "sender.header";
    } else if (is_provider && !strpbrk(name, " <>,;\"")) {
        sender->email = name;
    }
}

static Sender sender_of(const Reading *reading)
{
    const MailMessage *message = reading->message;
    Sender sender = {.email = message->from.email};
    if (reading->kind == KIND_PEC_RECEIPT) {
        sender.email = message->outer_from.email ? message->outer_from.email : message->from.email;
        return sender;
    }
    bool may_be_passed_on =
        kind_is_human(reading->kind) && sender_is_colleague(reading->office, message->from.email);
    if (may_be_passed_on && forwarded_sender(reading, &sender))
        return sender;
    name_from_header(reading, &sender);
    Sender signed_as = sender;
    bool needs_text = !sender.name || is_no_name(sender.name);
    if (needs_text && kind_is_human(reading->kind))
        name_from_text(reading, &signed_as);
    return signed_as;
}

static const char *reply_address(const Reading *reading, const Sender *sender)
{
    const MailMessage *message = reading->message;
    if (reading->kind == KIND_BOUNCE || reading->kind == KIND_PEC_RECEIPT)
        return NULL;
    for (guint i = 0; !sender->is_forwarded && message->reply_to && i < message->reply_to->len;
         i++) {
        const MailAddress *address = g_ptr_array_index(message->reply_to, i);
        if (address->email && !classify_is_own(reading->office, address->email))
            return address->email;
    }
    return classify_is_own(reading->office, sender->email) ? NULL : sender->email;
}

/* Where the name came from: words of the text, or the header, which has no places. */
static void sender_span(const Reading *reading, Value *object, const Sender *sender)
{
    if (!sender->name)
        return;
    if (sender->until > 0) {
        value_set(object, "sender_span",
                  proposal_new(reading, NULL, reading->body, sender->from, sender->until,
                               sender->confidence, sender->rule));
        return;
    }
    Value *span = value_set_object(object, "sender_span");
    value_set_copy(span, "raw", sender->name);
    value_set_text(span, "source", "header");
    value_set_text(span, "confidence", "certain");
    value_set_text(span, "rule", sender->rule);
}

void sender_read(Reading *reading, Value *object)
{
    const MailMessage *message = reading->message;
    Sender from = sender_of(reading);
    if (classify_is_own(reading->office, from.email))
        from.name = from.email = NULL; /* our own letter came back: nobody to answer */
    Value *sender = value_set_object(object, "sender");
    value_set(sender, "name", value_copy(reading->arena, from.name));
    value_set(sender, "email", value_copy(reading->arena, from.email));
    if (from.is_forwarded)
        value_set_copy(sender, "forwarded_by", message->from.email);
    if (message->pec.kind == PEC_ENVELOPE || message->pec.kind == PEC_ANOMALY)
        value_set_boolean(sender, "certified", message->pec.certified);
    sender_span(reading, object, &from);
    value_set(object, "reply_to", value_copy(reading->arena, reply_address(reading, &from)));
}
