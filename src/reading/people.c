/* people.c - who writes, with which title and role, and for whom. Who else takes part:
 * participants.c. */
#include "reading/internal.h"

#include <string.h>

#define NAME_WORDS_MOST 4

const char *const people_titles[N_TITLES] = {"geom.", "arch.", "ing.",
                                             "p.i.",  "avv.",  "dott. agr."};
static const char *const roles[N_ROLES] = {"tecnico incaricato",
                                           "progettista",
                                           "direttore lavori",
                                           "progettista e direttore lavori",
                                           "delegato",
                                           "proprietario",
                                           "committente",
                                           "amministratore di condominio",
                                           "legale rappresentante",
                                           "impresa",
                                           "erede",
                                           "affittuario",
                                           "professionista"};

/* --- names
 * -------------------------------------------------------------------------------------------- */

/* "sig.ra", "geom.", "l'": what stands before a name. */
guint people_skip_titles(const Text *text, guint index)
{
    guint at = index;
    for (guint i = 0; i < 6; i++) {
        guint n = lex_at(text, at, LEX_PERSON, NULL);
        n = MAX(n, lex_at(text, at, LEX_TITLE, NULL));
        static const char *const small[] = {
            "il",    "la",  "l",   "i",   "mio", "mia", "nostro", "nostra", "anche", "dal",
            "dalla", "dei", "del", "con", "lo",  "suo", "sua",    "al",     "alla",  "di"};
        for (guint j = 0; n == 0 && j < G_N_ELEMENTS(small); j++)
            n = token_is(text, at, small[j]) && !token_at(text, at)->upper ? 1 : 0;
        if (n == 0 &&
            (token_is_sign(text, at, '\'') || token_is_sign(text, at, '.') ||
             token_is_sign(text, at, ':') || token_is_sign(text, at, ',')) &&
            i > 0)
            n = 1;
        if (n == 0)
            return at;
        at = skip_stops(text, at + n);
    }
    return at;
}

/* Capitalised words: tokens of the name, 0 when there is none. Small words may stand inside ("De'
 * Rossi e figli"). */
guint people_name_at(const Text *text, guint index)
{
    guint at = index, words = 0;
    while (words < NAME_WORDS_MOST) {
        const Token *token = token_at(text, at);
        if (token->kind != TOKEN_WORD || (at > index && token_ends_line(token)))
            break;
        bool is_small = token_is(text, at, "e") || token_is(text, at, "de") ||
                        token_is(text, at, "di") || token_is(text, at, "von");
        bool next_upper =
            token_at(text, at + 1)->kind == TOKEN_WORD && token_at(text, at + 1)->upper;
        if (!token->upper && !(is_small && words > 0 && next_upper))
            break;
        at++;
        words++;
        bool goes_on = (token_is_sign(text, at, '\'') || token_is_sign(text, at, '-')) &&
                       token_glued(text, at) && token_glued(text, at + 1) &&
                       token_at(text, at + 1)->kind == TOKEN_WORD;
        if (goes_on)
            at++;
    }
    return words > 0 ? at - index : 0;
}

/* "Edil Rossi s.r.l.": the legal form belongs to the name. */
static guint legal_form_at(const Text *text, guint index)
{
    static const char *const forms[] = {"s r l", "s p a", "s n c", "s a s", "srl",
                                        "spa",   "snc",   "sas",   "s s"};
    for (guint i = 0; i < G_N_ELEMENTS(forms); i++) {
        g_auto(GStrv) letters = g_strsplit(forms[i], " ", -1);
        guint at = index, n = g_strv_length(letters);
        guint j = 0;
        for (; j < n && token_is(text, at, letters[j]); j++) {
            at++;
            if (token_is_sign(text, at, '.'))
                at++;
        }
        if (j == n)
            return at - index;
    }
    return 0;
}

/* The last line of the signature that is a name; 0 tokens when there is none. */
static guint signed_name(const Text *text, guint *from)
{
    for (guint i = 0; i < text_count(text); i++) {
        const Token *token = token_at(text, i);
        bool begins_line = i == 0 || token_ends_line(token_at(text, i - 1));
        if (token->section != SECTION_SIGNATURE || !begins_line ||
            lex_at(text, i, LEX_CLOSING, NULL) || lex_at(text, i, LEX_THANKS, NULL) ||
            lex_at(text, i, LEX_SENT_FROM, NULL) || lex_at(text, i, LEX_PHONE, NULL))
            continue;
        guint at = people_skip_titles(text, i);
        guint n = people_name_at(text, at);
        const Token *after = token_at(text, at + n);
        bool ends = n > 0 && (token_ends_line(after) || after->kind == TOKEN_END ||
                              after->section != SECTION_SIGNATURE || after->kind == TOKEN_SIGN);
        if (ends && n <= NAME_WORDS_MOST) {
            *from = at;
            return n;
        }
    }
    return 0;
}

/* "grazie 3475550121 luca": one word at the very end, after thanks. */
static guint trailing_name(const Text *text, guint *from)
{
    guint last = text_count(text);
    for (guint i = 0; i < text_count(text); i++)
        if (token_at(text, i)->section == SECTION_BODY && token_at(text, i)->kind == TOKEN_WORD)
            last = i;
    if (last == text_count(text) || last < 2)
        return 0;
    guint start = last > 6 ? last - 6 : 0;
    bool after_thanks = lex_within(text, start, last, LEX_THANKS, NULL) ||
                        lex_within(text, start, last, LEX_CLOSING, NULL);
    bool is_known_word = lex_languages(text, last) > 0 || lex_at(text, last, LEX_THANKS, NULL) ||
                         token_at(text, last)->word != 0;
    if (!after_thanks || is_known_word || token_at(text, last)->fold_length < 3)
        return 0;
    *from = last;
    return 1;
}

static const char *sender_name(const Reading *reading)
{
    const char *name = reading->message->from.name;
    bool is_useful = name && name[0] && !strchr(name, '@');
    if (is_useful)
        return name;
    if (!kind_is_human(reading->kind))
        return NULL;
    guint from = 0;
    guint n = signed_name(reading->body, &from);
    if (n == 0)
        n = trailing_name(reading->body, &from);
    return n > 0 ? proposal_raw(reading, reading->body, from, from + n) : NULL;
}

/* --- the sender
 * --------------------------------------------------------------------------------------- */

typedef struct {
    const char *name, *email;
    bool is_forwarded; /* somebody of the comune passed it on */
} Sender;

/* Is the address in the domain of the office's own mailbox? */
static bool is_colleague(const ReadingOffice *office, const char *email)
{
    const char *domain = email ? strrchr(email, '@') : NULL;
    for (guint i = 0; domain && office->own_addresses && office->own_addresses[i]; i++) {
        const char *own = strrchr(office->own_addresses[i], '@');
        if (own && g_ascii_strcasecmp(own, domain) == 0)
            return true;
    }
    return false;
}

/* "Da: Giovanni Verdi <g.verdi@posta.example>" above a forwarded message. */
static bool forwarded_sender(const Reading *reading, Sender *sender)
{
    const Text *text = reading->body;
    for (guint i = 0; i < text_count(text); i++) {
        const Token *token = token_at(text, i);
        bool begins_line = i == 0 || token_ends_line(token_at(text, i - 1));
        guint n = begins_line && token->section != SECTION_BODY
                      ? lex_at(text, i, LEX_HEAD_FROM, NULL)
                      : 0;
        if (n == 0 || !token_is_sign(text, i + n, ':'))
            continue;
        guint until = i + n + 1, name_until = until;
        while (until < text_count(text) && !token_ends_line(token_at(text, until)))
            until++;
        while (name_until < until && token_at(text, name_until)->kind != TOKEN_SIGN)
            name_until++;
        sender->email = people_email_within(reading, text, i + n + 1, until);
        if (!sender->email)
            return false;
        sender->name =
            name_until > i + n + 1 ? proposal_raw(reading, text, i + n + 1, name_until) : NULL;
        return sender->is_forwarded = true;
    }
    return false;
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
        kind_is_human(reading->kind) && is_colleague(reading->office, message->from.email);
    if (may_be_passed_on && forwarded_sender(reading, &sender))
        return sender;
    sender.name = sender_name(reading);
    return sender;
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

void sender_read(Reading *reading, Value *object)
{
    const MailMessage *message = reading->message;
    Sender from = sender_of(reading);
    Value *sender = value_set_object(object, "sender");
    value_set(sender, "name", value_copy(reading->arena, from.name));
    value_set(sender, "email", value_copy(reading->arena, from.email));
    if (from.is_forwarded)
        value_set_copy(sender, "forwarded_by", message->from.email);
    if (message->pec.kind == PEC_ENVELOPE || message->pec.kind == PEC_ANOMALY)
        value_set_boolean(sender, "certified", message->pec.certified);
    value_set(object, "reply_to", value_copy(reading->arena, reply_address(reading, &from)));
}

/* --- title and role
 * ---------------------------------------------------------------------------------- */

/* A title of the sender's own: in the signature, after "sono il", or before the sender's name. */
static bool own_title(const Reading *reading, gint *title, guint *from, guint *until)
{
    const Text *text = reading->body;
    for (guint i = 0; i < text_count(text); i++) {
        const Token *token = token_at(text, i);
        bool counts = token->section == SECTION_SIGNATURE || token->section == SECTION_BODY;
        guint n = counts ? lex_at(text, i, LEX_TITLE, title) : 0;
        if (n == 0)
            continue;
        bool begins_line = i == 0 || token_ends_line(token_at(text, i - 1)) ||
                           token_at(text, i - 1)->section != token->section;
        bool presented =
            i >= 2 && (token_is(text, i - 1, "sottoscritto") ||
                       token_is(text, i - 1, "sottoscritta") || token_is(text, i - 2, "sono") ||
                       token_is(text, i - 1, "sono") || (i >= 3 && token_is(text, i - 3, "sono")));
        bool named = token_at(text, skip_stops(text, i + n))->upper;
        bool in_signature = token->section == SECTION_SIGNATURE && named;
        bool ends_text = begins_line && named && token->section == SECTION_BODY && i > 0;
        if (!in_signature && !presented && !ends_text)
            continue;
        *from = i;
        *until = i + n;
        return true;
    }
    return false;
}

static bool title_in_name(const Reading *reading, gint *title)
{
    const char *name = reading->message->from.name;
    if (!name)
        return false;
    g_autoptr(Text) text = text_new(name, strlen(name));
    for (guint i = 0; i < text_count(text); i++)
        if (lex_at(text, i, LEX_TITLE, title) > 0)
            return true;
    return false;
}

/* "il committente è proprietario" speaks of others; what the sender says comes in his own words. */
static bool own_role(const Reading *reading, gint *role)
{
    const Text *text = reading->body;
    for (guint i = 0; i < text_count(text); i++) {
        const Token *token = token_at(text, i);
        if (token->section != SECTION_BODY && token->section != SECTION_SIGNATURE)
            continue;
        guint n = lex_at(text, i, LEX_ROLE, role);
        bool of_other = n > 0 && i > 0 &&
                        (token_is(text, i - 1, "il") || token_is(text, i - 1, "al") ||
                         token_is(text, i - 1, "dal") || token_is(text, i - 1, "mio"));
        if (n > 0 && !of_other)
            return true;
    }
    return false;
}

void professional_read(Reading *reading, Value *object)
{
    gint title = -1, role = -1;
    guint from = 0, until = 0;
    bool has_title = own_title(reading, &title, &from, &until);
    bool has_span = has_title;
    bool may_use_name = reading->kind == KIND_REQUEST || reading->kind == KIND_QUESTION;
    if (!has_title)
        has_title = may_use_name && title_in_name(reading, &title);
    bool has_role = may_use_name && own_role(reading, &role);
    if (!has_title && !has_role) {
        value_set(object, "professional", value_null(reading->arena));
        return;
    }
    if (!has_role)
        role = reading->topic == TOPIC_EVALUATION &&
                       (title == TITLE_ARCH || title == TITLE_ING || title == TITLE_GEOM)
                   ? ROLE_DESIGNER
                   : ROLE_PROFESSIONAL;
    Value *professional = has_span ? proposal_new(reading, NULL, reading->body, from, until,
                                                  CERTAIN, "professional.title")
                                   : value_object(reading->arena);
    value_set(professional, "title",
              value_text(reading->arena, has_title ? people_titles[title] : NULL));
    value_set_text(professional, "role", roles[role]);
    value_set(object, "professional", professional);
}

/* --- others
 * ------------------------------------------------------------------------------------------ */

/* "incaricato dalla sig.ra Elena Fiorini", "per conto della ditta Edil Rossi s.r.l." */
void behalf_read(Reading *reading, Value *object)
{
    const Text *text = reading->body;
    value_set(object, "on_behalf_of", value_null(reading->arena));
    for (guint i = 0; i < text_count(text); i++) {
        if (token_at(text, i)->section != SECTION_BODY)
            continue;
        guint n = lex_at(text, i, LEX_BEHALF, NULL);
        if (n == 0)
            continue;
        guint at = people_skip_titles(text, i + n);
        guint name = people_name_at(text, at);
        if (name == 0)
            continue;
        guint until = at + name + legal_form_at(text, at + name);
        value_set_text(object, "on_behalf_of", proposal_raw(reading, text, at, until));
        value_set(object, "on_behalf_of_span",
                  proposal_new(reading, NULL, text, i, until, LIKELY, "behalf.phrase"));
        return;
    }
}
