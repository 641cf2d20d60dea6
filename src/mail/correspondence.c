/* correspondence.c - see correspondence.h. The words are in ui/letters; here is only what each kind
 * of letter is told, whether it carries a calendar part, and how automatic it is.
 */
#include "mail/correspondence.h"
#include "base/token.h"
#include "base/when_value.h"
#include "mail/invitation.h"
#include "mail/letter_greeting.h"

#include <string.h>

#define ALARM_MIN 15
#define NAME_MOST 80       /* characters of a person's name that a letter repeats */
#define REFERENCES_MOST 20 /* the first and the latest of a long thread */

typedef enum { CALENDAR_NONE, CALENDAR_REQUEST, CALENDAR_CANCEL } CalendarPart;

typedef struct {
    const char *name;
    LetterOrigin origin;
    CalendarPart calendar;
    bool automatic; /* nobody decided it: mail alone caused it */
} LetterKind;

static const LetterKind kinds[] = {
    {"receipt", LETTER_AUTO_REPLIED, CALENDAR_NONE, true},
    {"ask_cancel", LETTER_AUTO_REPLIED, CALENDAR_NONE, true},
    {"confirmation", LETTER_AUTO_GENERATED, CALENDAR_REQUEST, false},
    {"moved", LETTER_AUTO_GENERATED, CALENDAR_REQUEST, false},
    {"restored", LETTER_AUTO_GENERATED, CALENDAR_REQUEST, false},
    {"cancelled", LETTER_AUTO_GENERATED, CALENDAR_CANCEL, false},
    {"answer", LETTER_BY_HAND, CALENDAR_NONE, false},
    {"phone", LETTER_BY_HAND, CALENDAR_NONE, false},
    {"ask_info", LETTER_BY_HAND, CALENDAR_NONE, false},
    {"redirect", LETTER_BY_HAND, CALENDAR_NONE, false},
    {"refuse", LETTER_BY_HAND, CALENDAR_NONE, false},
    {"outcome", LETTER_BY_HAND, CALENDAR_NONE, false},
};

static const LetterKind *kind_find(const char *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    return NULL;
}

/* --- the value --- */

/* Words of a stranger that a receipt repeats to whoever the sender claims to be: never a link. */
static bool may_be_repeated(const char *words)
{
    if (!words || *words == '\0' || g_utf8_strlen(words, -1) > NAME_MOST)
        return false;
    return !letter_has_link(words) && !strchr(words, '@');
}

static void fill_people(Value *value, const Correspondence *what)
{
    const Office *office = what->office;
    const Request *request = what->request;
    Value *from = value_set_object(value, "office");
    value_set_copy(from, "name", office->name);
    value_set_copy(from, "organisation", office->organisation_name);
    value_set_copy(from, "address", office->address);
    if (office->phone && *office->phone)
        value_set_copy(from, "phone", office->phone);
    Value *person = value_set_object(value, "person");
    if (may_be_repeated(request->person_name)) {
        value_set_copy(person, "name", request->person_name);
        g_autofree char *greeting = letter_greeting(request->person_title, request->person_name);
        value_set_copy(person, "greeting", greeting);
        value_set_boolean(person, "is_company", letter_is_company(request->person_name));
    }
    if (request->person_phone && *request->person_phone)
        value_set_copy(person, "phone", request->person_phone);
    value_set_copy(value, "officer", what->officer_name);
}

static void fill_request(Value *value, const LetterBox *box, const Request *request)
{
    char token[TOKEN_LENGTH + 1];
    token_for_request(box->key, request->id, request->person_id, request->generation, token);
    value_set_printf(value, "url", "%s/p/%s", box->public_url, token);
    value_set_copy(value, "code", request->code);
    if (may_be_repeated(request->subject))
        value_set_copy(value, "subject", request->subject);
    if (request->practice && *request->practice)
        value_set_copy(value, "practice", request->practice);
}

static void fill_appointment(Value *value, const LetterBox *box, const Correspondence *what,
                             const Zone *zone, const char *language)
{
    const Appointment *appointment = what->appointment;
    if (!appointment)
        return;
    gint64 change_until_at = appointment->starts_at - (gint64)what->office->change_until_min * 60;
    gint64 lobby_at = appointment->starts_at - (gint64)what->office->lobby_min * 60;
    Value *object = value_set_object(value, "appointment");
    when_value(object, "when", appointment->starts_at, zone, language);
    when_value(object, "until", appointment->ends_at, zone, language);
    when_value(object, "lobby", lobby_at, zone, language);
    when_value(object, "change_until", change_until_at, zone, language);
    value_set_boolean(object, "can_change", what->now < change_until_at);
    value_set_integer(object, "duration_min", (appointment->ends_at - appointment->starts_at) / 60);
    value_set_integer(object, "lobby_min", what->office->lobby_min);
    if (what->seat) {
        char token[TOKEN_LENGTH + 1];
        token_for_seat(box->key, what->seat->id, what->seat->generation, token);
        value_set_printf(object, "url_room", "%s/sala/%s", box->public_url, token);
    }
    if (what->moved_from_at)
        when_value(value, "before", what->moved_from_at, zone, language);
}

static void fill_words(Value *value, const Correspondence *what)
{
    if (what->text)
        letter_set_text(value, what->text);
    if (what->reason && *what->reason)
        letter_set_text(value_set_object(value, "reason"), what->reason);
    if (what->outcome_kind)
        value_set_boolean(value_set_object(value, "outcome_kind"),
                          arena_copy(value_arena(value), what->outcome_kind), TRUE);
    Value *missing = value_set_list(value, "missing");
    for (guint i = 0; what->missing && what->missing[i]; i++)
        value_set_boolean(value_append_object(missing),
                          arena_printf(value_arena(value), "needs_%s", what->missing[i]), TRUE);
    value_set_boolean(value, "missing_any", value_length(missing) > 0);
    value_set_boolean(value, "too_large", what->too_large);
    value_set_boolean(value, "by_citizen", what->by_citizen);
    value_set_integer(value, "restore_min", APPOINTMENT_RESTORE_S / 60);
}

static Value *make_value(Arena *arena, const LetterBox *box, const Correspondence *what,
                         const Zone *zone, const char *language)
{
    Value *value = value_object(arena);
    value_set_text(value, "language", language);
    fill_people(value, what);
    fill_request(value, box, what->request);
    fill_appointment(value, box, what, zone, language);
    fill_words(value, what);
    return value;
}

/* --- the calendar part --- */

typedef struct {
    const MustacheSet *set;
    const Value *value;
    const Zone *zone;
    const char *language;
    LetterRoute route;
    const char *from; /* address; the organizer of invitations too */
    char *from_name;  /* owned */
} Voice;

static void voice_clear(Voice *voice)
{
    g_free(voice->from_name);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Voice, voice_clear)

/* Who wrote by PEC is answered by PEC where the office has a way out for it. */
static void choose_way(Voice *voice, const LetterBox *box, const Correspondence *what)
{
    bool by_pec = what->request->source == SOURCE_PEC;
    const char *slug = what->office->slug;
    const ConfigSmtp *way = box->config && by_pec ? config_smtp_for(box->config, slug, true) : NULL;
    voice->route = way ? LETTER_BY_PEC : LETTER_BY_MAIL;
    if (!way && box->config)
        way = config_smtp_for(box->config, slug, false);
    voice->from = way && way->from ? way->from : what->office->address;
}

/* A provider of PEC takes no tags, and writes the address of the box over anything else. */
static char *reply_address(const LetterBox *box, const Correspondence *what, const Voice *voice)
{
    const char *address = what->office->address;
    const char *at = address ? strchr(address, '@') : NULL;
    if (voice->route == LETTER_BY_PEC || !at)
        return NULL;
    if (!box->config || !box->config->subaddress)
        return strcmp(address, voice->from) == 0 ? NULL : g_strdup(address);
    const Request *request = what->request;
    g_autofree char *tag =
        token_reply_tag(box->key, request->code, request->id, request->generation);
    g_autofree char *tagged = g_strdup_printf("%.*s+%s%s", (int)(at - address), address, tag, at);
    /* A local part has its limit (RFC 5321, 4.5.3.1.1); subject and headers still find the request.
     */
    return letter_can_write_to(tagged) ? g_steal_pointer(&tagged) : NULL;
}

static char *write_invitation(const Correspondence *what, CalendarPart part, const Voice *voice,
                              GError **error)
{
    g_autofree char *summary =
        letter_render_words(voice->set, "letters/invitation.summary", voice->value, error);
    g_autofree char *description =
        summary
            ? letter_render_words(voice->set, "letters/invitation.description", voice->value, error)
            : NULL;
    if (!description)
        return NULL;
    const char *url = value_get_text(value_get(voice->value, "appointment"), "url_room");
    Invitation invitation = {
        .method = part == CALENDAR_CANCEL ? INVITATION_CANCEL : INVITATION_REQUEST,
        .uid = what->appointment->uid,
        .sequence = what->appointment->sequence,
        .stamp_at = what->now,
        .starts_at = what->appointment->starts_at,
        .ends_at = what->appointment->ends_at,
        .zone = voice->zone,
        .organizer_name = voice->from_name,
        .organizer = voice->from,
        .attendee_name = what->request->person_name,
        .attendee = what->request->person_email,
        .summary = summary,
        .description = description,
        .location = url,
        .url = url,
        .language = voice->language,
        .alarm_min = ALARM_MIN,
    };
    return invitation_write(&invitation);
}

/* --- the row --- */

static void add_identifier(GPtrArray *identifiers, const char *identifier)
{
    if (letter_is_message_id(identifier))
        g_ptr_array_add(identifiers, g_strdup(identifier));
}

/* What other programs put into Message-ID may be unfit to be written again: it is left out. */
static GPtrArray *fit_references(const Correspondence *what)
{
    GPtrArray *fit = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; what->references && i < what->references->len; i++)
        add_identifier(fit, what->references->pdata[i]);
    bool has_parent = what->in_reply_to &&
                      g_ptr_array_find_with_equal_func(fit, what->in_reply_to, g_str_equal, NULL);
    if (!has_parent)
        add_identifier(fit, what->in_reply_to);
    if (fit->len > REFERENCES_MOST) /* RFC 5322, 3.6.4: the first says which thread it is */
        g_ptr_array_remove_range(fit, 1, fit->len - REFERENCES_MOST);
    return fit;
}

static Letter *make_row(const LetterBox *box, const Correspondence *what, const LetterKind *kind,
                        const Voice *voice, const LetterTexts *texts)
{
    Letter *letter = g_new0(Letter, 1);
    letter->id = token_new_id();
    letter->office_id = what->office->id;
    letter->request_id = what->request->id;
    letter->appointment_id = what->appointment ? what->appointment->id : 0;
    letter->kind = g_strdup(what->kind);
    letter->recipient = g_strdup(what->request->person_email);
    letter->subject = g_strdup(texts->subject);
    letter->text = g_strdup(texts->text);
    /* Whoever can name a letter is let into its request (intake_thread.c): nobody may guess it. */
    char secret[TOKEN_LENGTH + 1];
    token_random(secret);
    g_autofree char *local = g_strconcat("s.", secret, NULL);
    letter->message_id = letter_message_id(local, voice->from);
    letter->route = voice->route;
    letter->created_at = what->now;
    /* Only an officer's decision can be taken back. */
    letter->automatic = kind->automatic;
    bool is_held = !what->by_citizen && !kind->automatic;
    letter->sendable_at = what->system_now + (is_held ? box->hold_s : 0);
    return letter;
}

static bool compose(Letter *letter, const LetterBox *box, const Correspondence *what,
                    const LetterKind *kind, const Voice *voice, const LetterTexts *texts,
                    GError **error)
{
    g_autofree char *invitation = NULL;
    bool has_calendar = kind->calendar != CALENDAR_NONE && what->appointment;
    if (has_calendar && !(invitation = write_invitation(what, kind->calendar, voice, error)))
        return false;
    g_autoptr(GPtrArray) references = fit_references(what);
    g_autofree char *reply_to = reply_address(box, what, voice);
    LetterDraft draft = {
        .from_name = voice->from_name,
        .from = voice->from,
        .to_name = what->request->person_name,
        .to = what->request->person_email,
        .reply_to = reply_to,
        .subject = texts->subject,
        .message_id = letter->message_id,
        .in_reply_to = letter_is_message_id(what->in_reply_to) ? what->in_reply_to : NULL,
        .references = references,
        .date_at = what->now,
        .zone = voice->zone,
        .language = voice->language,
        .origin = kind->origin,
        .text = texts->text,
        .html = texts->html,
        .invitation = invitation,
        .invitation_method = kind->calendar == CALENDAR_CANCEL ? "CANCEL" : "REQUEST",
    };
    letter->content = letter_compose(&draft, error);
    return letter->content != NULL;
}

Letter *correspondence_letter(const LetterBox *box, const Correspondence *what, GError **error)
{
    const LetterKind *kind = kind_find(what->kind);
    const Zone *zone = zone_find(what->office->zone);
    g_assert(kind && zone); /* kinds are ours, the office's zone was checked when it was set */
    if (!what->request->person_email || *what->request->person_email == '\0')
        return NULL;

    g_autoptr(Arena) arena = arena_new();
    const char *language = letter_language(what->request->language);
    g_auto(Voice) voice = {
        .set = templates_set(box->templates, language), .zone = zone, .language = language};
    choose_way(&voice, box, what);
    voice.value = make_value(arena, box, what, zone, language);
    voice.from_name = letter_render_words(voice.set, "letters/sender.name", voice.value, error);
    g_auto(LetterTexts) texts = {0};
    if (!voice.from_name || !letter_render(voice.set, what->kind, voice.value, &texts, error))
        return NULL;
    Letter *letter = make_row(box, what, kind, &voice, &texts);
    if (compose(letter, box, what, kind, &voice, &texts, error))
        return letter;
    letter_free(letter);
    return NULL;
}

/* --- the thread --- */

char *correspondence_thread(Db *db, gint64 request_id, GPtrArray **references)
{
    *references = g_ptr_array_new_with_free_func(g_free);
    GError *error = NULL;
    g_autoptr(GPtrArray) thread = request_thread(db, request_id, &error);
    if (!thread) {
        /* A letter outside its thread is better than none. */
        g_warning("event=thread_unread request=%" G_GINT64_FORMAT " reason=\"%s\"", request_id,
                  error->message);
        g_error_free(error);
        return NULL;
    }
    const char *latest_in = NULL;
    for (guint i = 0; i < thread->len; i++) {
        const ThreadEntry *entry = thread->pdata[i];
        const char *identifier =
            entry->message ? entry->message->message_id : entry->letter->message_id;
        if (entry->message && letter_is_message_id(identifier))
            latest_in = identifier;
        add_identifier(*references, identifier);
    }
    if (latest_in)
        return g_strdup(latest_in);
    guint count = (*references)->len;
    return count ? g_strdup((*references)->pdata[count - 1]) : NULL;
}
