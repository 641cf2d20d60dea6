/* desk_phone.c - /scrivania/nuova: a phone call typed in becomes a request.
 *
 * What the officer types is read like a mail, so that a practice, a number or a wished time in the
 * note become proposals too; the fields of the form win over them.
 */
#include "base/token.h"
#include "mail/intake.h"
#include "mail/letter_header.h"
#include "store/person.h"
#include "web/desk_pages.h"

#define NAME_MOST 120
#define EMAIL_MOST 254
#define PHONE_MOST 60
#define NOTE_MOST 8000
#define SUMMARY_CHARS 160
#define CODE_TRIES 8

/* The number of the request that the form will make: sent twice, it is one request. */
static gint64 number_of_form(Page *page)
{
    gint64 number;
    const char *text = page_field(page, "numero", 20);
    return page_number(text, &number) && number > 0 ? number : token_new_id();
}

static void set_number(Page *page, gint64 number)
{
    value_set_printf(page->value, "numero", "%" G_GINT64_FORMAT, number);
}

void desk_phone_show(Page *page)
{
    g_autoptr(Office) office = desk_office(page);
    if (!office)
        return;
    set_number(page, token_new_id());
    page_render(page, "pages/desk-phone");
}

typedef struct {
    Person person;
    Request request;
    const InstallationKey *key;
    Actor actor;
} PhoneCall;

/* StoreJob: person, request and the person's link to it. */
static bool write_call(Db *db, gpointer data, GError **error)
{
    PhoneCall *call = data;
    Request *request = &call->request;
    char token[TOKEN_LENGTH + 1], hash[65];
    if (!person_find_or_make(db, &call->person, &request->person_id, error) ||
        !request_create(db, request, &call->actor, error))
        return false;
    token_for_request(call->key, request->id, request->person_id, 1, token);
    return token_hash(token, hash) &&
           request_link_put(db, request->id, request->person_id, 1, hash, error);
}

/* The note read like the text of a mail. */
static const Value *read_note(Page *page, const Office *office, const PhoneCall *call,
                              const char *note)
{
    g_autoptr(MailMessage) message = mail_message_new();
    g_autoptr(GArray) openings = office_openings(page_db(page), office->id, NULL);
    if (!openings)
        return NULL;
    message->from.name = g_strdup(call->person.name);
    message->from.email = g_strdup(call->person.email);
    message->date_at = page->now;
    message->date_offset_min = zone_offset_s(zone_find(office->zone), page->now) / 60;
    message->text = g_strjoin("\n", note, call->request.practice ? call->request.practice : "",
                              call->person.phone ? call->person.phone : "", NULL);
    return intake_read(page->arena, message, office, openings, page->now);
}

static const Value *first_of(const Value *reading, const char *key)
{
    const Value *list = reading ? value_get(reading, key) : NULL;
    return list && value_kind(list) == VALUE_LIST && value_length(list) > 0 ? value_at(list, 0)
                                                                            : NULL;
}

static void take_from_reading(Page *page, PhoneCall *call, const Value *reading)
{
    const Value *practice = first_of(reading, "practices"), *phone = first_of(reading, "phones");
    if (!call->request.practice && practice && value_get_text(practice, "number")) {
        const char *type = value_get_text(practice, "type");
        const gint64 year = value_get_integer(practice, "year");
        const char *number = value_get_text(practice, "number");
        call->request.practice = year
                                     ? arena_printf(page->arena, "%s %s/%" G_GINT64_FORMAT,
                                                    type ? type : "", number, year)
                                     : arena_printf(page->arena, "%s %s", type ? type : "", number);
        g_strstrip(call->request.practice);
    }
    if (phone && value_kind(phone) == VALUE_TEXT) {
        GString *text = g_string_new(NULL);
        value_append_text(phone, text);
        call->person.phone_e164 = arena_copy(page->arena, text->str);
        g_string_free(text, TRUE);
    }
    if (reading) {
        GString *json = g_string_new(NULL);
        value_write_json(reading, json);
        call->request.reading = arena_copy(page->arena, json->str);
        g_string_free(json, TRUE);
    }
}

static char *or_null(const char *text)
{
    return *text ? (char *)text : NULL;
}

/* The first words of the note, for lists. */
static char *summary_of(Page *page, const char *note)
{
    char *summary = arena_copy(page->arena, note);
    for (char *c = summary; *c; c++)
        if (*c == '\r' || *c == '\n')
            *c = ' ';
    if (g_utf8_strlen(summary, -1) <= SUMMARY_CHARS)
        return summary;
    *g_utf8_offset_to_pointer(summary, SUMMARY_CHARS) = '\0';
    return arena_printf(page->arena, "%s…", summary);
}

static void fill_call(Page *page, const Office *office, PhoneCall *call, const char *note)
{
    *call = (PhoneCall){
        .person = {.id = token_new_id(),
                   .organisation_id = office->organisation_id,
                   .name = or_null(page_field(page, "nome", NAME_MOST)),
                   .email = person_fold_email(page_field(page, "email", EMAIL_MOST)),
                   .title = or_null(page_field(page, "titolo", 20)),
                   .phone = or_null(page_field(page, "telefono", PHONE_MOST)),
                   .language = (char *)"it"},
        .request = {.id = number_of_form(page),
                    .organisation_id = office->organisation_id,
                    .office_id = office->id,
                    .kind = (char *)"request",
                    .action = (char *)"create",
                    .source = SOURCE_PHONE,
                    .subject = or_null(page_field(page, "oggetto", 200)),
                    .practice = or_null(page_field(page, "pratica", 60)),
                    .summary = summary_of(page, note),
                    .language = (char *)"it",
                    .received_at = page->now},
        .key = &page->app->key,
        .actor = desk_actor(page, "phone"),
    };
}

static void check_call(Page *page, const PhoneCall *call, const char *note)
{
    if (!call->person.name)
        page_error(page, "nome", "required");
    if (!call->person.phone && !call->person.email)
        page_error(page, "telefono", "required");
    if (call->person.email && !header_is_address(call->person.email))
        page_error(page, "email", "invalid");
    if (!*note)
        page_error(page, "testo", "required");
}

static bool write_with_new_code(Page *page, const Office *office, PhoneCall *call, GError **error)
{
    for (guint i = 0; i < CODE_TRIES; i++) {
        g_clear_error(error);
        g_free(call->request.code);
        call->request.code = token_request_code(office->code_prefix);
        if (page_write(page, write_call, call, error))
            return true;
        if (!g_error_matches(*error, STORE_ERROR, STORE_ERROR_CONFLICT))
            return false;
    }
    return false;
}

/* Was the form sent before? Then its request is shown; true: answered. */
static bool show_made(Page *page, const Office *office, const PhoneCall *call)
{
    g_autoptr(Request) made = request_find(page_db(page), call->request.id, NULL);
    if (!made || made->office_id != office->id || made->source != SOURCE_PHONE)
        return false;
    page_redirect(page, "/scrivania/r/%s", made->code);
    return true;
}

void desk_phone_make(Page *page)
{
    g_autoptr(Office) office = desk_office(page);
    if (!office)
        return;
    PhoneCall call;
    const char *note = page_field(page, "testo", NOTE_MOST);
    fill_call(page, office, &call, note);
    g_autofree char *email = call.person.email;
    check_call(page, &call, note);
    if (page_has_errors(page)) {
        set_number(page, call.request.id);
        page_invalid(page, "pages/desk-phone");
        return;
    }
    if (show_made(page, office, &call))
        return;
    take_from_reading(page, &call, read_note(page, office, &call, note));
    if (!call.request.subject)
        call.request.subject = call.request.summary;
    GError *error = NULL;
    const bool is_written = write_with_new_code(page, office, &call, &error);
    g_autofree char *code = call.request.code;
    if (!is_written) {
        if (!show_made(page, office, &call)) /* both at once */
            page_failed(page, error);
        g_clear_error(&error);
        return;
    }
    desk_changed(page, &call.request, "request");
    page_redirect(page, "/scrivania/r/%s", code);
}
