/* officer_letter.c - see officer_letter.h. The words are in ui/letters/digest.* and urgent.*. */
#include "mail/officer_letter.h"
#include "base/when_value.h"
#include "mail/letter_header.h"

#include <string.h>

#define PHONE_LEAST 3 /* digits */
#define WHAT_MOST 140 /* characters of what somebody wants, on one line */

/* --- what somebody wants, in a line --- */

/* Officers trust a letter of the office: strangers put no link into it. */
static void set_line(Value *object, const char *key, const char *text)
{
    g_autofree char *clean = header_clean(text);
    if (*clean == '\0' || letter_has_link(clean))
        return;
    if (g_utf8_strlen(clean, -1) <= WHAT_MOST) {
        value_set_copy(object, key, clean);
        return;
    }
    *g_utf8_offset_to_pointer(clean, WHAT_MOST) = '\0';
    g_autofree char *cut = g_strconcat(clean, "…", NULL);
    value_set_copy(object, key, cut);
}

static void set_what(Value *object, const char *practice, const char *subject, const char *summary)
{
    const char *words = subject && *subject ? subject : summary;
    bool has_both = practice && *practice && words && *words && !strstr(words, practice);
    g_autofree char *both = has_both ? g_strconcat(practice, ", ", words, NULL) : NULL;
    set_line(object, "what", both ? both : words && *words ? words : practice);
}

/* What a tel: link may hold. */
static void set_phone(Value *object, const char *phone)
{
    g_autoptr(GString) number = g_string_new(NULL);
    for (const char *c = phone ? phone : ""; *c != '\0'; c++)
        if (g_ascii_isdigit(*c) || (*c == '+' && number->len == 0))
            g_string_append_c(number, *c);
    if (number->len < PHONE_LEAST)
        return;
    set_line(object, "phone", phone);
    value_set_copy(object, "tel", number->str);
}

/* Whoever has no name is called by the address, then by the code. */
static void set_person(Value *object, const char *name, const char *phone, const char *email,
                       const char *code)
{
    bool has_name = name && *name && !letter_has_link(name);
    set_line(object, "name", has_name ? name : email && *email ? email : code);
    set_phone(object, phone);
    if (has_name)
        set_line(object, "email", email);
}

static void set_case(Value *object, const LetterBox *box, const char *code)
{
    value_set_copy(object, "code", code);
    value_set_printf(object, "url", "%s/scrivania/r/%s", box->public_url, code);
}

static void set_request(Value *object, const LetterBox *box, const Request *request)
{
    set_case(object, box, request->code);
    set_person(object, request->person_name,
               request->person_phone_e164 ? request->person_phone_e164 : request->person_phone,
               request->person_email, request->code);
    set_what(object, request->practice, request->subject, request->summary);
}

/* --- the message --- */

static Value *make_value(Arena *arena, const LetterBox *box, const OfficerPost *post,
                         const char *language)
{
    const Office *office = post->office;
    Value *value = value_object(arena);
    value_set_text(value, "language", language);
    Value *from = value_set_object(value, "office");
    value_set_copy(from, "name", office->name);
    value_set_copy(from, "organisation", office->organisation_name);
    value_set_copy(value_set_object(value, "person"), "greeting", post->officer->name);
    value_set_printf(value, "url_settings", "%s/scrivania/avvisi", box->public_url);
    when_value(value, "today", post->now, zone_find(office->zone), language);
    return value;
}

static const char *sender(const LetterBox *box, const Office *office)
{
    const ConfigSmtp *way = box->config ? config_smtp_for(box->config, office->slug, false) : NULL;
    return way && way->from ? way->from : office->address;
}

static Letter *make_row(const OfficerPost *post, const char *kind, const char *from,
                        const LetterTexts *texts)
{
    Letter *letter = g_new0(Letter, 1);
    char secret[TOKEN_LENGTH + 1];
    token_random(secret);
    g_autofree char *local = g_strconcat("s.", secret, NULL);
    letter->id = token_new_id();
    letter->office_id = post->office->id;
    letter->kind = g_strdup(kind);
    letter->recipient = g_strdup(post->officer->email);
    letter->subject = g_strdup(texts->subject);
    letter->text = g_strdup(texts->text);
    letter->message_id = letter_message_id(local, from);
    letter->created_at = post->now;
    letter->sendable_at = post->system_now;
    return letter;
}

static Letter *compose(const LetterBox *box, const OfficerPost *post, const char *kind,
                       const Value *value, GError **error)
{
    const char *language = value_get_text(value, "language");
    const MustacheSet *set = templates_set(box->templates, language);
    g_auto(LetterTexts) texts = {0};
    g_autofree char *from_name = letter_render_words(set, "letters/sender.name", value, error);
    if (!from_name || !letter_render(set, kind, value, &texts, error))
        return NULL;
    const char *from = sender(box, post->office);
    g_autoptr(Letter) letter = make_row(post, kind, from, &texts);
    LetterDraft draft = {
        .from_name = from_name,
        .from = from,
        .to_name = post->officer->name,
        .to = post->officer->email,
        .subject = texts.subject,
        .message_id = letter->message_id,
        .date_at = post->now,
        .zone = zone_find(post->office->zone),
        .language = language,
        .origin = LETTER_AUTO_GENERATED,
        .text = texts.text,
        .html = texts.html,
    };
    letter->content = letter_compose(&draft, error);
    return letter->content ? g_steal_pointer(&letter) : NULL;
}

/* --- the digest --- */

static void set_waiting(Value *object, const Request *request, const OfficerPost *post,
                        const Zone *zone)
{
    gint days = zone_day(zone, post->now) - zone_day(zone, request->received_at);
    value_set_boolean(object, "since_today", days <= 0);
    value_set_boolean(object, "since_yesterday", days == 1);
    value_set_boolean(object, "since_days", days > 1);
    value_set_integer(object, "days", days);
}

static void fill_requests(Value *element, const LetterBox *box, const OfficerPost *post,
                          const DigestOffice *of, const Zone *zone)
{
    Value *fresh = value_set_list(element, "fresh");
    for (guint i = 0; i < of->fresh->len; i++) {
        Value *object = value_append_object(fresh);
        set_request(object, box, of->fresh->pdata[i]);
        set_waiting(object, of->fresh->pdata[i], post, zone);
    }
    Value *undelivered = value_set_list(element, "undelivered");
    for (guint i = 0; i < of->undelivered->len; i++)
        set_request(value_append_object(undelivered), box, of->undelivered->pdata[i]);
    gint more = of->fresh_count - (gint)of->fresh->len;
    value_set_boolean(element, "has_fresh", of->fresh->len > 0);
    value_set_boolean(element, "has_undelivered", of->undelivered->len > 0);
    value_set_boolean(element, "has_more", more > 0);
    value_set_integer(element, "more", more);
    value_set_integer(element, "fresh_count", of->fresh_count);
    value_set_boolean(element, "has_to_read", of->to_read > 0);
    value_set_integer(element, "to_read", of->to_read);
}

static void fill_meetings(Value *element, const LetterBox *box, const DigestOffice *of,
                          const char *language)
{
    Value *meetings = value_set_list(element, "meetings");
    for (guint i = 0; i < of->meetings->len; i++) {
        const Appointment *meeting = of->meetings->pdata[i];
        Value *object = value_append_object(meetings);
        set_case(object, box, meeting->request_code);
        set_person(object, meeting->person_name,
                   meeting->person_phone_e164 ? meeting->person_phone_e164 : meeting->person_phone,
                   meeting->person_email, meeting->request_code);
        set_what(object, meeting->practice, meeting->subject, meeting->summary);
        when_value(object, "when", meeting->starts_at, zone_find(meeting->zone), language);
    }
    value_set_boolean(element, "has_meetings", of->meetings->len > 0);
}

Letter *officer_letter_digest(const LetterBox *box, const OfficerPost *post,
                              const GPtrArray *offices, GError **error)
{
    g_autoptr(Arena) arena = arena_new();
    const char *language = letter_language(post->officer->language);
    Value *value = make_value(arena, box, post, language);
    Value *list = value_set_list(value, "offices");
    gint total = 0;
    for (guint i = 0; i < offices->len; i++) {
        const DigestOffice *of = offices->pdata[i];
        Value *element = value_append_object(list);
        value_set_copy(element, "title", of->office->name);
        value_set_printf(element, "url_desk", "%s/scrivania?ufficio=%s", box->public_url,
                         of->office->slug);
        fill_requests(element, box, post, of, zone_find(of->office->zone));
        fill_meetings(element, box, of, language);
        total += of->fresh_count;
    }
    value_set_integer(value, "total", total);
    return compose(box, post, "digest", value, error);
}

/* --- urgent notes --- */

Letter *officer_letter_urgent(const LetterBox *box, const OfficerPost *post,
                              const GPtrArray *notices, GError **error)
{
    g_autoptr(Arena) arena = arena_new();
    const char *language = letter_language(post->officer->language);
    Value *value = make_value(arena, box, post, language);
    Value *list = value_set_list(value, "notices");
    for (guint i = 0; i < notices->len; i++) {
        const Notice *notice = notices->pdata[i];
        Value *object = value_append_object(list);
        set_case(object, box, notice->code);
        set_person(object, notice->person_name, notice->person_phone, notice->person_email,
                   notice->code);
        set_what(object, notice->practice, notice->subject, NULL);
        value_set_boolean(object, arena_printf(arena, "is_%s", notice_kind_name(notice->kind)),
                          TRUE);
        if (notice->starts_at)
            when_value(object, "when", notice->starts_at, zone_find(notice->zone), language);
    }
    value_set_boolean(value, "is_one", notices->len == 1);
    value_set_integer(value, "count", notices->len);
    return compose(box, post, "urgent", value, error);
}
