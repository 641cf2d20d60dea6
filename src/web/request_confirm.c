/* request_confirm.c - "Conferma con videochiamata": the time is taken and the letter written in one
 * write. */
#include "base/token.h"
#include "mail/letter.h"
#include "web/desk_proposals.h"
#include "web/request_pages.h"

#include <string.h>

#define WORDS_MOST 8000

/* All rows of one confirmation, ready to be written. */
typedef struct {
    RequestTime time;
    Appointment appointment; /* borrows everything but uid */
    Participant citizen;     /* borrows names */
    char seat_hash[65];
    char *uid;
    GPtrArray *participants;
    Letter *letter; /* NULL: no e-mail */
} Booking;

static void booking_clear(Booking *booking)
{
    g_free(booking->uid);
    if (booking->participants)
        g_ptr_array_unref(booking->participants);
    if (booking->letter)
        letter_free(booking->letter);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Booking, booking_clear)

static void fill_citizen(Page *page, Booking *booking, const Request *request)
{
    char token[TOKEN_LENGTH + 1];
    booking->citizen = (Participant){
        .id = token_new_id(),
        .appointment_id = booking->appointment.id,
        .person_id = request->person_id,
        .role = PARTICIPANT_CITIZEN,
        .name = request->person_name,
        .email = request->person_email,
        .generation = 1,
        .token_hash = booking->seat_hash,
    };
    token_for_seat(&page->app->key, booking->citizen.id, 1, token);
    const bool is_token = token_hash(token, booking->seat_hash);
    g_assert(is_token);
    booking->participants = g_ptr_array_new();
    g_ptr_array_add(booking->participants, &booking->citizen);
}

/* The part of the office's address behind the @: where its identifiers live. */
static const char *domain_of(const Office *office)
{
    const char *at = office->address ? strrchr(office->address, '@') : NULL;
    return at && at[1] ? at + 1 : "sportello.invalid";
}

static void fill_appointment(Booking *booking, const RequestAtHand *at, const DeskTimes *times)
{
    const gint64 id = token_new_id();
    /* Answers to the invitation find the request by it: not the row's number, which is a time. */
    char secret[TOKEN_LENGTH + 1];
    token_random(secret);
    booking->uid = g_strdup_printf("%s@%s", secret, domain_of(at->office));
    booking->appointment = (Appointment){
        .id = id,
        .organisation_id = at->office->organisation_id,
        .office_id = at->office->id,
        .request_id = at->request->id,
        .service_id = times->service ? times->service->id : 0,
        .starts_at = booking->time.slot.starts_at,
        .ends_at = booking->time.slot.ends_at,
        .buffer_ends_at = booking->time.time.buffer_ends_at,
        .wall_date = booking->time.wall_date,
        .wall_minute = (gint)booking->time.slot.minute,
        .zone = at->office->zone,
        .state = APPOINTMENT_BOOKED,
        .uid = booking->uid,
    };
}

/* people = [{name, is_next}]: others who will take part, where an officer has confirmed them. */
static bool list_participants(Page *page, const RequestAtHand *at, Value *people)
{
    const Value *reading = desk_reading(page, at->request);
    g_autoptr(GPtrArray) verdicts = verdict_list(page_db(page), at->request->id, NULL);
    g_autoptr(GArray) proposals = desk_proposals(page->arena, reading, verdicts);
    for (guint i = 1; i <= proposals->len; i++) {
        const DeskProposal *one = desk_proposals_at(proposals, i);
        const Value *person = one->read.object;
        if (strcmp(one->read.kind, "participant") != 0 || one->answer != VERDICT_CONFIRMED ||
            !person)
            continue;
        const char *name = value_get_text(person, "name");
        Value *shown = value_append_object(people);
        value_set_copy(shown, "name", name ? name : value_get_text(person, "email"));
        value_set_boolean(shown, "is_next", value_length(people) > 1);
    }
    return value_length(people) > 0;
}

/* They are named in the letter unless the officer takes the words out; "" when there are none. */
static char *words_about_participants(Page *page, const RequestAtHand *at)
{
    Value *value = value_object(page->arena);
    if (!list_participants(page, at, value_set_list(value, "people")))
        return g_strdup("");
    const char *language = letter_language(at->request->language);
    char *words = letter_render_words(templates_set(page->app->templates, language),
                                      "letters/participants.words", value, NULL);
    return words ? words : g_strdup("");
}

/* False: answered. */
static bool booking_make(Page *page, const RequestAtHand *at, const char *words, Booking *booking)
{
    GError *error = NULL;
    g_autoptr(DeskTimes) times =
        request_times_of_day(page, at, request_time_wanted(page, at), &error);
    if (!times) {
        page_failed(page, error);
        g_clear_error(&error);
        return false;
    }
    if (!request_time_open(page, at, times, &booking->time))
        return false;
    fill_appointment(booking, at, times);
    fill_citizen(page, booking, at->request);
    Correspondence what = {.kind = decision_letter_kind(DECISION_VIDEO),
                           .appointment = &booking->appointment,
                           .seat = &booking->citizen,
                           .text = *words ? words : NULL};
    booking->letter = request_letter(page, at, &what, &error);
    if (!error)
        return true;
    page_failed(page, error);
    g_clear_error(&error);
    return false;
}

static void show_preview(Page *page, const RequestAtHand *at, const Booking *booking)
{
    request_show_self(page, at);
    request_show_letter(page, booking->letter);
    Value *time = value_set_object(page->value, "time");
    page_set_when(page, time, "when", booking->appointment.starts_at, at->office->zone);
    page_set_when(page, time, "until", booking->appointment.ends_at, at->office->zone);
    value_set_integer(time, "start", booking->appointment.starts_at);
    page_render(page, "pages/request-confirm");
}

void request_confirm_show(Page *page)
{
    g_auto(RequestAtHand) at = {0};
    g_auto(Booking) booking = {0};
    if (!request_at_hand_open(page, &at))
        return;
    g_autofree char *words = words_about_participants(page, &at);
    if (!booking_make(page, &at, words, &booking))
        return;
    value_set_copy(page->value, "words", *words ? words : NULL);
    show_preview(page, &at, &booking);
}

void request_confirm(Page *page)
{
    g_auto(RequestAtHand) at = {0};
    g_auto(Booking) booking = {0};
    GError *error = NULL;
    if (!request_at_hand_open(page, &at) ||
        !booking_make(page, &at, page_field(page, "testo", WORDS_MOST), &booking))
        return;
    if (page_has_errors(page) || request_is_preview(page)) {
        show_preview(page, &at, &booking);
        return;
    }
    Decision decision = {.kind = DECISION_VIDEO,
                         .request_id = at.request->id,
                         .version = request_version(page),
                         .letter = booking.letter,
                         .appointment = &booking.appointment,
                         .time = &booking.time.time,
                         .participants = booking.participants,
                         .actor = desk_actor(page, NULL)};
    if (page_write(page, request_decision_job(&at), &decision, &error)) {
        request_written(page, &at, "video");
        return;
    }
    if (g_error_matches(error, STORE_ERROR, STORE_ERROR_CONFLICT)) {
        g_clear_error(&error);
        request_time_taken(page, &at, booking.appointment.starts_at);
        return;
    }
    request_not_written(page, &at, error);
}
