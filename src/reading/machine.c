/* machine.c - mail that no person wrote to us: one table, asked from the top, before anything else
 * is read.
 *
 * A machine is told by the form of the message (a report, a PEC receipt, an answer of a calendar),
 * by its headers (RFC 3834, RFC 2919, RFC 2369, and what vendors did before those), or by its
 * subject. X-Auto-Response-Suppress is no sign and stands in no row: Exchange puts it on what
 * people write.
 */
#include "reading/internal.h"

#include <string.h>

/* --- form ---------------------------------------------------------------------------------- */

static const char *find_header(const GPtrArray *headers, const char *name)
{
    for (guint i = 0; headers && i < headers->len; i++) {
        const MailHeader *header = g_ptr_array_index(headers, i);
        if (header->name && strcmp(header->name, name) == 0)
            return header->value ? header->value : "";
    }
    return NULL;
}

static bool has_no_sender(const MailMessage *message)
{
    return message->return_path && message->return_path[0] == '\0';
}

/* An inner message is judged by its own head: the envelope's is the provider's. */
static bool is_in_envelope(const MailMessage *message)
{
    return message->pec.kind == PEC_ENVELOPE || message->pec.kind == PEC_ANOMALY;
}

static const GPtrArray *person_headers(const MailMessage *message)
{
    return is_in_envelope(message) ? message->inner_headers : message->headers;
}

static bool has_report_type(const MailMessage *message, const char *report)
{
    const char *type = find_header(person_headers(message), "content-type");
    g_autofree char *folded = g_ascii_strdown(type ? type : "", -1);
    return g_str_has_prefix(folded, "multipart/report") && strstr(folded, report);
}

static bool is_pec_receipt(const Reading *reading)
{
    return reading->message->pec.kind == PEC_RECEIPT;
}

static bool is_report(const Reading *reading)
{
    return reading->message->bounce.present || has_report_type(reading->message, "delivery-status");
}

static bool is_from_mail_system_without_sender(const Reading *reading)
{
    return mail_address_is_system(reading->message->from.email) && has_no_sender(reading->message);
}

static bool is_itip_answer(const Reading *reading)
{
    const MailItip *itip = &reading->message->itip;
    static const char *const answers[] = {"REPLY", "COUNTER", "REFRESH", NULL};
    return itip->present && itip->method && g_strv_contains(answers, itip->method);
}

static bool is_from_us(const Reading *reading)
{
    return classify_is_own(reading->office, reading->message->from.email);
}

/* A read receipt (RFC 8098), a complaint about spam (RFC 5965). */
static bool is_notification(const Reading *reading)
{
    return has_report_type(reading->message, "disposition-notification") ||
           has_report_type(reading->message, "feedback-report");
}

static bool is_from_mail_system(const Reading *reading)
{
    return mail_address_is_system(reading->message->from.email);
}

/* An automatic answer that says so only in its subject: "Risposta automatica: ...", "AUTO: ...",
 * "Fuori sede Re: ...", or nothing but "Fuori ufficio". */
static bool begins_absent(const Text *text, guint from)
{
    gint is_ticket = 0;
    guint n = lex_at(text, from, LEX_OUT_OF_OFFICE, &is_ticket);
    if (n == 0 || is_ticket)
        return false;
    guint after = from + n, prefix = lex_at(text, after, LEX_SUBJECT_REPLY, NULL);
    return token_is_sign(text, after, ':') || after == text_count(text) ||
           (prefix > 0 && token_is_sign(text, after + prefix, ':'));
}

/* "[Assistenza] Abbiamo ricevuto la tua richiesta": a ticket system, unless somebody answers one,
 * or with a code our own receipt. */
static bool says_ticket(const Text *text)
{
    gint is_ticket = 0;
    for (guint i = 0; i < text_count(text); i++)
        if (lex_at(text, i, LEX_OUT_OF_OFFICE, &is_ticket) > 0 && is_ticket)
            return true;
    return false;
}

static bool has_prefix(const Text *text)
{
    guint n = lex_any(text, 0, LEX_SUBJECT_REPLY, LEX_SUBJECT_FORWARD, NULL, NULL);
    return n > 0 && token_is_sign(text, n, ':');
}

static bool has_absent_subject(const Reading *reading)
{
    const MailMessage *message = reading->message;
    const char *subject = message->subject ? message->subject : message->subject_outer;
    if (!subject)
        return false;
    g_autoptr(Text) text = text_new(subject, strlen(subject));
    if (begins_absent(text, 0))
        return true;
    return !reading->booking && !has_prefix(text) && says_ticket(text);
}

/* Notes names who is away: "Mario Rossi è fuori ufficio". */
static bool has_absent_sender(const Reading *reading)
{
    const char *name = reading->message->from.name, *subject = reading->message->subject;
    if (!name || !*name || !subject || !g_str_has_prefix(subject, name))
        return false;
    const char *rest = subject + strlen(name);
    g_autoptr(Text) text = text_new(rest, strlen(rest));
    gint is_ticket = 0; /* the word before is "is", in one tongue or another */
    guint n = lex_at(text, 1, LEX_OUT_OF_OFFICE, &is_ticket);
    return n > 0 && !is_ticket &&
           (n + 1 == text_count(text) || token_is_sign(text, n + 1, '(') ||
            token_is_sign(text, n + 1, '.'));
}

/* GroupWise and old Notes answer under our own subject and say it at the end: "Re: Videochiamata
 * (Away From Office)". */
static bool has_absent_end(const Reading *reading)
{
    const char *subject = reading->message->subject;
    const char *open = subject ? strrchr(subject, '(') : NULL;
    if (!open || open == subject)
        return false;
    g_autoptr(Text) text = text_new(open + 1, strlen(open + 1));
    guint n = lex_at(text, 0, LEX_OUT_OF_OFFICE, NULL);
    return n > 0 && token_is_sign(text, n, ')') && n + 1 == text_count(text);
}

static bool has_nobody_behind(const Reading *reading)
{
    return has_no_sender(reading->message) && !is_in_envelope(reading->message);
}

/* --- headers ------------------------------------------------------------------------------- */

/* How the value of a header is compared; all without case. */
typedef enum { IS_PRESENT, IS_WORD, IS_NOT_WORD, CONTAINS } Compare;

/* The first word of a value: "auto-replied (vacation)" is auto-replied. */
static bool first_word_is(const char *value, const char *word)
{
    while (g_ascii_isspace(*value))
        value++;
    gsize length = strcspn(value, " \t;(,");
    return length == strlen(word) && g_ascii_strncasecmp(value, word, length) == 0;
}

static bool compares(Compare compare, const char *value, const char *wanted)
{
    switch (compare) {
    case IS_PRESENT:
        return true;
    case IS_WORD:
        return first_word_is(value, wanted);
    case IS_NOT_WORD:
        return value[strspn(value, " \t")] != '\0' && !first_word_is(value, wanted);
    case CONTAINS: {
        g_autofree char *folded = g_ascii_strdown(value, -1);
        return strstr(folded, wanted) != NULL;
    }
    }
    return false;
}

/* --- the table ----------------------------------------------------------------------------- */

typedef struct {
    Kind kind;
    Compare compare;                       /* of `header` with `value` */
    bool (*holds)(const Reading *reading); /* of the form; or */
    const char *header, *value;            /* of the person's message */
} MachineRule;

/* The first that holds counts. Lists stand before automatic answers, which lists send too; what is
 * only "bulk" stands after them, since many an automatic answer calls itself so. */
static const MachineRule rules[] = {
    {KIND_PEC_RECEIPT, .holds = is_pec_receipt},
    {KIND_BOUNCE, .holds = is_report},
    {KIND_BOUNCE, .holds = is_from_mail_system_without_sender},
    {KIND_ITIP_REPLY, .holds = is_itip_answer},
    {KIND_OWN, .holds = is_from_us},
    {KIND_AUTO_REPLY, .holds = is_notification},
    {KIND_BULK, .header = "list-id", .compare = IS_PRESENT},
    {KIND_BULK, .header = "list-unsubscribe", .compare = IS_PRESENT},
    {KIND_BULK, .header = "list-post", .compare = IS_PRESENT},
    {KIND_BULK, .header = "x-mailing-list", .compare = IS_PRESENT},
    {KIND_AUTO_REPLY, .header = "auto-submitted", .value = "no", .compare = IS_NOT_WORD},
    {KIND_AUTO_REPLY, .header = "x-autoreply", .value = "no", .compare = IS_NOT_WORD},
    {KIND_AUTO_REPLY, .header = "x-auto-reply", .value = "no", .compare = IS_NOT_WORD},
    {KIND_AUTO_REPLY, .header = "x-autoreply-from", .compare = IS_PRESENT},
    {KIND_AUTO_REPLY, .header = "x-mail-autoreply", .compare = IS_PRESENT},
    /* cPanel and Parallels write the subject they answer as its value */
    {KIND_AUTO_REPLY, .header = "x-autorespond", .value = "no", .compare = IS_NOT_WORD},
    {KIND_AUTO_REPLY, .header = "x-autoresponder", .value = "no", .compare = IS_NOT_WORD},
    {KIND_AUTO_REPLY, .header = "x-auto-respond", .value = "no", .compare = IS_NOT_WORD},
    {KIND_AUTO_REPLY, .header = "x-autogenerated", .compare = IS_PRESENT}, /* GroupWise */
    {KIND_AUTO_REPLY, .header = "x-fc-machinegenerated", .value = "true", .compare = IS_WORD},
    {KIND_AUTO_REPLY, .header = "x-vacation", .compare = IS_PRESENT},
    {KIND_AUTO_REPLY, .header = "x-vacation-responder", .compare = IS_PRESENT},
    {KIND_AUTO_REPLY, .header = "x-cron-env", .compare = IS_PRESENT},
    {KIND_AUTO_REPLY, .header = "delivered-to", .value = "autoresponder", .compare = IS_WORD},
    {KIND_AUTO_REPLY, .header = "x-mailer", .value = "vacation", .compare = CONTAINS},
    {KIND_AUTO_REPLY, .header = "x-mailer", .value = "autorespon", .compare = CONTAINS},
    {KIND_AUTO_REPLY, .header = "precedence", .value = "auto_reply", .compare = IS_WORD},
    {KIND_AUTO_REPLY, .header = "precedence", .value = "auto-reply", .compare = IS_WORD},
    {KIND_AUTO_REPLY, .header = "x-precedence", .value = "auto_reply", .compare = IS_WORD},
    {KIND_AUTO_REPLY, .holds = has_absent_subject},
    {KIND_AUTO_REPLY, .holds = has_absent_sender},
    {KIND_AUTO_REPLY, .holds = has_absent_end},
    {KIND_BULK, .header = "precedence", .value = "bulk", .compare = IS_WORD},
    {KIND_BULK, .header = "precedence", .value = "list", .compare = IS_WORD},
    {KIND_BULK, .header = "precedence", .value = "junk", .compare = IS_WORD},
    {KIND_BULK, .header = "x-precedence", .value = "bulk", .compare = IS_WORD},
    {KIND_BULK, .header = "x-campaign", .compare = IS_PRESENT},
    {KIND_BULK, .header = "x-campaignid", .compare = IS_PRESENT},
    {KIND_BOUNCE, .holds = is_from_mail_system},
    {KIND_AUTO_REPLY, .holds = has_nobody_behind},
};

static bool rule_holds(const MachineRule *rule, const Reading *reading)
{
    if (rule->holds)
        return rule->holds(reading);
    const char *value = find_header(person_headers(reading->message), rule->header);
    return value && compares(rule->compare, value, rule->value);
}

bool machine_kind(const Reading *reading, Kind *kind)
{
    for (guint i = 0; i < G_N_ELEMENTS(rules); i++) {
        if (!rule_holds(&rules[i], reading))
            continue;
        *kind = rules[i].kind;
        return true;
    }
    return false;
}

/* --- may it be answered -------------------------------------------------------------------- */

/* "no-reply@": a letter there is read by nobody, or comes back. */
static bool takes_no_answer(const char *email)
{
    static const char *const mailboxes[] = {"noreply",       "donotreply",     "noresponse",
                                            "nonrispondere", "norispondere",   "nichtantworten",
                                            "mailerdaemon",  "keineantworten", NULL};
    g_autoptr(GString) letters = g_string_new(NULL);
    for (const char *at = email; *at && *at != '@' && *at != '+'; at++)
        if (g_ascii_isalpha(*at))
            g_string_append_c(letters, g_ascii_tolower(*at));
    return g_strv_contains(mailboxes, letters->str);
}

gboolean reading_may_be_answered(const MailMessage *message, const char *kind)
{
    const char *submitted = find_header(person_headers(message), "auto-submitted");
    bool is_automatic = submitted && !first_word_is(submitted, "no") && submitted[0] != '\0';
    return reading_makes_request(kind) && !has_no_sender(message) && !is_automatic &&
           message->from.email != NULL && !takes_no_answer(message->from.email);
}
