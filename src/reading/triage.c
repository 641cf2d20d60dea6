/* triage.c - a hint for the desk: what kind of answer this may need, what is missing, which thread
 * it belongs to. */
#include "reading/internal.h"

#include <string.h>

#define MINUTES_MOST 240

bool says_word(const Reading *reading, LexClass kind, guint *at)
{
    const Text *text = reading->body;
    for (guint i = 0; lex_next(text, &i, text_count(text), LEX_SET(kind)); i++)
        if (token_is_wish(token_at(text, i)) && lex_at(text, i, kind, NULL) > 0) {
            *at = i;
            return true;
        }
    return false;
}

static guint length_of(const Value *object, const char *key)
{
    const Value *list = value_get(object, key);
    return list ? value_length(list) : 0;
}

static guint numbered_practices(const Value *object)
{
    const Value *practices = value_get(object, "practices");
    guint n = 0;
    for (guint i = 0; practices && i < value_length(practices); i++)
        n += value_get_text(value_at(practices, i), "number") ? 1 : 0;
    return n;
}

/* --- which answer
 * ------------------------------------------------------------------------------------- */

/* The words of a class as the reason. */
static Value *reason_of(const Reading *reading, LexClass kind, const char *rule)
{
    guint at;
    if (!says_word(reading, kind, &at))
        return NULL;
    return proposal_new(reading, NULL, reading->body, at,
                        at + lex_at(reading->body, at, kind, NULL), LIKELY, rule);
}

/* "vorrei aprire un bar": the counter for trade, unless something about building is asked too. */
static bool is_trade(const Reading *reading, const Value *object)
{
    guint at;
    bool is_about_building = reading->topic != TOPIC_NONE && reading->topic != TOPIC_INFORMATION &&
                             reading->topic != TOPIC_ORIENTATION;
    return !is_about_building && numbered_practices(object) == 0 &&
           says_word(reading, LEX_TRADE, &at);
}

/* `why` becomes the words that say so, NULL when there are none. */
static const char *needs_video(const Reading *reading, const Value *object, const Value **why)
{
    *why = NULL;
    if (reading->topic == TOPIC_ACCESS) {
        *why = value_get(object, "topic_span");
        return "no";
    }
    if (is_trade(reading, object)) {
        *why = reason_of(reading, LEX_TRADE, "triage.redirect");
        return "no";
    }
    if (reading->kind == KIND_QUESTION)
        return "no";
    if ((*why = reason_of(reading, LEX_NO_VIDEO, "triage.phone")))
        return "no";
    *why = reason_of(reading, LEX_SHOW, "triage.video");
    return *why ? "yes" : "unclear";
}

/* "mezz'ora", "20 minuti": how long the sender thinks it takes; 0 not said. */
static gint requested_minutes(const Reading *reading)
{
    const Text *text = reading->body;
    LexSet begins = LEX_SET(LEX_FIGURES, LEX_DURATION, LEX_COUNT);
    for (guint i = 0; lex_next(text, &i, text_count(text), begins); i++) {
        if (!token_is_wish(token_at(text, i)))
            continue;
        gint minutes = 0;
        guint n = lex_at(text, i, LEX_DURATION, &minutes);
        bool is_ago = n > 0 && (token_is(text, i + n, "fa") || token_is(text, i + n, "prima") ||
                                token_is(text, i + n, "dopo"));
        if (n > 0 && !is_ago)
            return minutes;
        const Token *number = token_at(text, i);
        bool is_number = number->kind == TOKEN_NUMBER && !number->taken && number->value >= 5 &&
                         number->value <= MINUTES_MOST;
        if (i > 0 && (token_is(text, i - 1, "tra") || token_is(text, i - 1, "fra") ||
                      token_is(text, i - 1, "in") || token_is(text, i - 1, "da") ||
                      token_is(text, i - 1, "ogni")))
            continue;   /* "tra dieci minuti": until then */
        gint count = 0; /* "dieci minuti" */
        guint counted = lex_at(text, i, LEX_COUNT, &count);
        if (counted > 0 && count >= 5 && lex_at(text, i + counted, LEX_MINUTES, NULL) > 0 &&
            !token_is(text, i + counted + 1, "fa"))
            return count;
        if (is_number && lex_at(text, i + 1, LEX_MINUTES, NULL) > 0 && !token_is(text, i + 2, "fa"))
            return (gint)number->value;
    }
    return 0;
}

static bool all_wishes_outside(const Value *object)
{
    const Value *preferences = value_get(object, "preferences");
    guint n = preferences ? value_length(preferences) : 0;
    for (guint i = 0; i < n; i++)
        if (value_get_boolean(value_at(preferences, i), "inside_opening_hours"))
            return false;
    return n > 0;
}

static const char *suggestion(const Reading *reading, const Value *object)
{
    if (reading->topic == TOPIC_ACCESS)
        return "accesso_atti";
    if (is_trade(reading, object))
        return "suap";
    if (reading->kind == KIND_QUESTION)
        return "phone_email";
    return all_wishes_outside(object) ? "propose_alternatives" : NULL;
}

static bool has_quarantined(const Reading *reading)
{
    const GPtrArray *parts = reading->message->parts;
    for (guint i = 0; parts && i < parts->len; i++)
        if (((const MailPart *)g_ptr_array_index(parts, i))->quarantine)
            return true;
    return false;
}

static bool says_bait(const Reading *reading)
{
    guint at;
    return says_word(reading, LEX_BAIT, &at);
}

static bool is_suspicious(const Reading *reading)
{
    /* newsletters have links to leave them */
    return has_quarantined(reading) || (kind_is_human(reading->kind) && says_bait(reading));
}

/* --- threads
 * ------------------------------------------------------------------------------------------ */

static const char *thread_of(const Reading *reading)
{
    const MailMessage *message = reading->message;
    if (reading->kind == KIND_BOUNCE && message->bounce.original_id)
        return message->bounce.original_id;
    if (reading->kind == KIND_PEC_RECEIPT)
        return message->pec.refers_to ? message->pec.refers_to : message->pec.msgid;
    if (classify_is_own_id(reading->office, message->in_reply_to))
        return message->in_reply_to;
    for (guint i = message->references ? message->references->len : 0; i-- > 0;)
        if (classify_is_own_id(reading->office, g_ptr_array_index(message->references, i)))
            return g_ptr_array_index(message->references, i);
    bool of_machine = reading->kind == KIND_AUTO_REPLY || reading->kind == KIND_BOUNCE;
    return of_machine ? message->in_reply_to : NULL;
}

static void set_thread(const Reading *reading, Value *triage)
{
    const MailMessage *message = reading->message;
    const struct {
        const char *key, *value;
    } members[] = {
        {"booking", reading->booking},
        {"booking_message", thread_of(reading)},
        {"failed_recipient", reading->kind == KIND_BOUNCE ? message->bounce.recipient : NULL},
        {"status", reading->kind == KIND_BOUNCE ? message->bounce.status : NULL},
        {"uid", message->itip.present ? message->itip.uid : NULL},
        {"partstat", message->itip.present ? message->itip.partstat : NULL}};
    for (guint i = 0; i < G_N_ELEMENTS(members); i++)
        if (members[i].value)
            value_set_copy(triage, members[i].key, members[i].value);
}

/* --- action
 * ------------------------------------------------------------------------------------------- */

static const char *action_of_receipt(const MailMessage *message)
{
    /* "preavviso-errore-consegna" warns after twelve hours: the letter may still arrive, and an
     * "errore-consegna" follows when it does not */
    static const char *const failures[] = {"non-accettazione", "errore-consegna",
                                           "rilevazione-virus", NULL};
    return message->pec.type && g_strv_contains(failures, message->pec.type)
               ? "flag_delivery_failure"
               : "link_only";
}

/* Delayed, relayed and delivered letters have not failed (RFC 3464, 2.3.3). */
static const char *action_of_bounce(const char *action)
{
    return !action || g_ascii_strcasecmp(action, "failed") == 0 ? "flag_delivery_failure"
                                                                : "link_only";
}

static const char *action_of_itip(const MailItip *itip)
{
    if (itip->method && strcmp(itip->method, "COUNTER") == 0)
        return "update";
    return itip->partstat && strcmp(itip->partstat, "DECLINED") == 0 ? "ask_confirm_cancel"
                                                                     : "link_only";
}

/* Nothing is said about what it is for. */
static bool says_nothing(const Reading *reading, const Value *object)
{
    return length_of(object, "practices") == 0 && reading->topic == TOPIC_NONE &&
           length_of(object, "preferences") == 0 && length_of(object, "cadastral") == 0 &&
           length_of(object, "protocols") == 0 && !value_get_text(object, "address") &&
           length_of(object, "attachments") == 0;
}

static bool says_video(const Reading *reading)
{
    const Text *texts[] = {reading->body, reading->subject};
    for (guint t = 0; t < G_N_ELEMENTS(texts); t++)
        for (guint i = 0; lex_next(texts[t], &i, text_count(texts[t]), LEX_SET(LEX_MEETING)); i++) {
            gint is_video = 0;
            if (token_is_wish(token_at(texts[t], i)) &&
                lex_at(texts[t], i, LEX_MEETING, &is_video) && is_video)
                return true;
        }
    return false;
}

static const char *action_of_request(const Reading *reading, const Value *object)
{
    guint at;
    if (has_quarantined(reading) && says_bait(reading))
        return "ignore"; /* a program and words of fraud: the request stays, nobody works on it */
    if (reading->topic == TOPIC_ACCESS || is_trade(reading, object))
        return "redirect";
    gint in_writing = 0;
    bool wants_no_video = says_word(reading, LEX_NO_VIDEO, &at);
    if (wants_no_video)
        lex_at(reading->body, at, LEX_NO_VIDEO, &in_writing);
    if (in_writing)
        return "answer_by_email";
    if (wants_no_video || (says_word(reading, LEX_CALL_ME, &at) && !says_video(reading)))
        return "phone_first";
    if (numbered_practices(object) > 1 && says_word(reading, LEX_SEVERAL, &at))
        return "split";
    return says_nothing(reading, object) ? "ask_info" : "create";
}

static const char *action_of_question(const Reading *reading, const Value *object)
{
    if (reading->topic == TOPIC_ACCESS || is_trade(reading, object))
        return "redirect";
    guint at;
    gint in_writing = 0;
    bool by_phone = says_word(reading, LEX_NO_VIDEO, &at) &&
                    lex_at(reading->body, at, LEX_NO_VIDEO, &in_writing) > 0 && !in_writing;
    return by_phone ? "phone_first" : "answer_by_email";
}

static const char *action_of(const Reading *reading, const Value *object)
{
    switch (reading->kind) {
    case KIND_REQUEST:
        return action_of_request(reading, object);
    case KIND_QUESTION:
        return action_of_question(reading, object);
    case KIND_REPLY:
    case KIND_RESCHEDULE:
        return "update";
    case KIND_CANCEL:
        return reading->message->itip.present ? "ask_confirm_cancel" : "cancel";
    case KIND_BOUNCE:
        return action_of_bounce(reading->message->bounce.action);
    case KIND_PEC_RECEIPT:
        return action_of_receipt(reading->message);
    case KIND_ITIP_REPLY:
        return action_of_itip(&reading->message->itip);
    default:
        return "ignore";
    }
}

/* The sender's own words up to a signature or an older message. */
static const char *own_words(const Reading *reading)
{
    const Text *text = reading->body;
    guint from = 0;
    while (from < text_count(text) && token_at(text, from)->section != SECTION_BODY)
        from++;
    guint until = from;
    while (until < text_count(text) && token_at(text, until)->section == SECTION_BODY)
        until++;
    return proposal_raw(reading, text, from, until);
}

/* A Reply-To of ours: whoever answers such a letter writes to us, and we to them, and so on. */
static bool wants_answers_sent_to_us(const Reading *reading)
{
    const GPtrArray *list = reading->message->reply_to;
    for (guint i = 0; list && i < list->len; i++)
        if (classify_is_own(reading->office, ((const MailAddress *)list->pdata[i])->email))
            return true;
    return false;
}

/* `object` has everything else already; gets action and triage. */
void triage_read(Reading *reading, Value *object, Day deadline)
{
    value_set_text(object, "action", action_of(reading, object));
    Value *triage = value_set_object(object, "triage");
    set_thread(reading, triage);
    if (is_suspicious(reading))
        value_set_boolean(triage, "suspicious", TRUE);
    if (wants_answers_sent_to_us(reading))
        value_set_boolean(triage, "answers_come_back", TRUE);
    if (reading->kind == KIND_CANCEL && cancel_is_final(reading)) {
        value_set_boolean(triage, "final", TRUE);
        value_set_text(triage, "words", own_words(reading));
    }
    if (reading->kind != KIND_REQUEST && reading->kind != KIND_QUESTION)
        return;
    const Value *why;
    value_set_text(triage, "needs_video", needs_video(reading, object, &why));
    const char *words = why ? value_get_text(why, "raw") : NULL;
    const bool is_sayable = words && strlen(words) <= VALUE_BYTES_MOST;
    value_set(triage, "why", value_text(reading->arena, is_sayable ? words : NULL));
    if (is_sayable)
        value_set(triage, "why_span", (Value *)why);
    Value *missing = value_set_list(triage, "missing");
    if (reading->kind == KIND_REQUEST)
        required_list_missing(reading, object, missing);
    const char *suggest = suggestion(reading, object);
    if (suggest)
        value_set_text(triage, "suggest", suggest);
    if (deadline != G_MININT32) {
        g_autofree char *written = day_format(deadline);
        value_set_copy(triage, "deadline", written);
    }
    gint minutes = requested_minutes(reading);
    if (minutes > 0)
        value_set_integer(triage, "requested_minutes", minutes);
    if (value_get(object, "urgent_span"))
        value_set_boolean(triage, "urgent", TRUE);
}
