/* request_after.c - what follows a decision: taken back, cancelled or moved by the office,
 * restored, nobody came. The outcome is in request_outcome.c. */
#include "room/room.h"
#include "web/request_pages.h"
#include "web/values.h"

#define WORDS_MOST 16000
#define TIMES_SHOWN 24

/* --- "Annulla la decisione" --- */

void request_undo(Page *page)
{
    g_auto(RequestAtHand) at = {0};
    GError *error = NULL;
    if (!request_at_hand_open(page, &at))
        return;
    DecisionUndo undo = {at.request->id, clock_system(page->app->clock), desk_actor(page, NULL)};
    if (page_write(page, decision_undo, &undo, &error)) {
        if (at.request->appointment_id)
            rooms_end(page->app->rooms, at.request->appointment_id, "cancelled");
        request_written(page, &at, "undone");
        return;
    }
    if (g_error_matches(error, STORE_ERROR, STORE_ERROR_TRANSITION)) {
        g_clear_error(&error);
        page_redirect(page, "/scrivania/r/%s?fatto=too_late", at.request->code);
        return;
    }
    request_not_written(page, &at, error);
}

/* --- "Ho letto" --- */

typedef struct {
    gint64 request_id;
    Actor actor;
} ReadByOfficer;

static bool mark_read(Db *db, gpointer data, GError **error)
{
    const ReadByOfficer *read = data;
    return request_set_to_read(db, read->request_id, false, &read->actor, error);
}

void request_mark_read(Page *page)
{
    g_auto(RequestAtHand) at = {0};
    GError *error = NULL;
    if (!request_at_hand_open(page, &at))
        return;
    ReadByOfficer read = {at.request->id, desk_actor(page, NULL)};
    if (page_write(page, mark_read, &read, &error))
        request_written(page, &at, "read");
    else
        request_not_written(page, &at, error);
}

/* --- the appointment at hand --- */

/* The request with its latest appointment and the citizen's seat. */
typedef struct {
    RequestAtHand at;
    Appointment *appointment;
    GPtrArray *participants;
    const Participant *seat; /* NULL: none */
} MeetingAtHand;

static void meeting_at_hand_clear(MeetingAtHand *meeting)
{
    request_at_hand_clear(&meeting->at);
    if (meeting->appointment)
        appointment_free(meeting->appointment);
    if (meeting->participants)
        g_ptr_array_unref(meeting->participants);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(MeetingAtHand, meeting_at_hand_clear)

static const Participant *citizen_of(const GPtrArray *participants)
{
    for (guint i = 0; participants && i < participants->len; i++) {
        const Participant *participant = participants->pdata[i];
        if (participant->role == PARTICIPANT_CITIZEN)
            return participant;
    }
    return NULL;
}

/* False: answered with 404. */
static bool meeting_at_hand_open(Page *page, MeetingAtHand *meeting)
{
    if (!request_at_hand_open(page, &meeting->at))
        return false;
    const gint64 id = meeting->at.request->appointment_id;
    meeting->appointment = id ? appointment_find(page_db(page), id, NULL) : NULL;
    if (!meeting->appointment) {
        page_not_found(page);
        return false;
    }
    meeting->participants = participant_list(page_db(page), id, NULL);
    meeting->seat = citizen_of(meeting->participants);
    return true;
}

/* The letter of a change: `appointment` as it will be, its sequence one higher. */
static Letter *change_letter(Page *page, const MeetingAtHand *meeting, const char *kind,
                             const char *reason, const Appointment *appointment, GError **error)
{
    Appointment changed = *appointment;
    changed.sequence++;
    Correspondence what = {.kind = kind,
                           .appointment = &changed,
                           .seat = meeting->seat,
                           .moved_from_at = meeting->appointment->starts_at,
                           .reason = reason};
    return request_letter(page, &meeting->at, &what, error);
}

static AppointmentDecision change_of(Page *page, const MeetingAtHand *meeting, const Letter *letter)
{
    return (AppointmentDecision){.appointment_id = meeting->appointment->id,
                                 .system_at = clock_system(page->app->clock),
                                 .letter = letter,
                                 .sequence = letter ? meeting->appointment->sequence + 1 : 0,
                                 .actor = desk_actor(page, NULL)};
}

/* Writes the change; true when it was, else answered. */
static bool write_change(Page *page, const MeetingAtHand *meeting, StoreJob *job,
                         AppointmentDecision *change, gint64 starts_at)
{
    GError *error = NULL;
    if (page_write(page, job, change, &error))
        return true;
    if (g_error_matches(error, STORE_ERROR, STORE_ERROR_CONFLICT)) {
        g_clear_error(&error);
        request_time_taken(page, &meeting->at, starts_at);
    } else {
        request_not_written(page, &meeting->at, error);
    }
    return false;
}

static void failed(Page *page, GError *error)
{
    page_failed(page, error);
    g_clear_error(&error);
}

static void show_meeting(Page *page, const MeetingAtHand *meeting)
{
    request_show_self(page, &meeting->at);
    values_appointment(page, page->value, "appointment", meeting->appointment);
    value_set_copy(page->value, "action", http_request_path(page->request));
}

/* --- cancelled by the office --- */

static void show_cancel(Page *page, const MeetingAtHand *meeting, const Letter *letter)
{
    show_meeting(page, meeting);
    request_show_letter(page, letter);
    if (page_has_errors(page))
        page_invalid(page, "pages/request-cancel");
    else
        page_render(page, "pages/request-cancel");
}

void request_cancel_show(Page *page)
{
    g_auto(MeetingAtHand) meeting = {0};
    if (meeting_at_hand_open(page, &meeting))
        show_cancel(page, &meeting, NULL);
}

void request_cancel(Page *page)
{
    g_auto(MeetingAtHand) meeting = {0};
    GError *error = NULL;
    if (!meeting_at_hand_open(page, &meeting))
        return;
    const char *reason = page_field(page, "motivo", WORDS_MOST);
    if (!*reason)
        page_error(page, "motivo", "required");
    g_autoptr(Letter) letter =
        page_has_errors(page)
            ? NULL
            : change_letter(page, &meeting, "cancelled", reason, meeting.appointment, &error);
    if (error) {
        failed(page, error);
        return;
    }
    if (page_has_errors(page) || request_is_preview(page)) {
        show_cancel(page, &meeting, letter);
        return;
    }
    AppointmentDecision change = change_of(page, &meeting, letter);
    change.reason = reason;
    if (!write_change(page, &meeting, decision_cancel, &change, meeting.appointment->starts_at))
        return;
    rooms_end(page->app->rooms, meeting.appointment->id, "cancelled");
    request_written(page, &meeting.at, "cancelled");
}

/* --- moved by the office --- */

void request_move_show(Page *page)
{
    g_auto(MeetingAtHand) meeting = {0};
    GError *error = NULL;
    if (!meeting_at_hand_open(page, &meeting))
        return;
    const Office *office = meeting.at.office;
    g_autoptr(DeskTimes) times =
        desk_times_new(page_db(page), office, desk_times_ahead(office, page->now), &error);
    if (!times) {
        failed(page, error);
        return;
    }
    show_meeting(page, &meeting);
    desk_times_show_nearest(page, times, meeting.appointment->starts_at, TIMES_SHOWN, page->value,
                            "times");
    page_render(page, "pages/request-move");
}

/* The chosen time with its letter, before it is written. */
static void show_move(Page *page, const MeetingAtHand *meeting, const Appointment *moved,
                      const Letter *letter)
{
    show_meeting(page, meeting);
    request_show_letter(page, letter);
    Value *chosen = value_set_object(page->value, "chosen");
    page_set_when(page, chosen, "when", moved->starts_at, moved->zone);
    value_set_integer(chosen, "start", moved->starts_at);
    page_render(page, "pages/request-move");
}

void request_move(Page *page)
{
    g_auto(MeetingAtHand) meeting = {0};
    GError *error = NULL;
    RequestTime time;
    if (!meeting_at_hand_open(page, &meeting))
        return;
    g_autoptr(DeskTimes) times =
        request_times_of_day(page, &meeting.at, request_time_wanted(page, &meeting.at), &error);
    if (!times) {
        failed(page, error);
        return;
    }
    if (!request_time_open(page, &meeting.at, times, &time))
        return;
    Appointment moved = *meeting.appointment;
    moved.starts_at = time.slot.starts_at;
    moved.ends_at = time.slot.ends_at;
    g_autoptr(Letter) letter = change_letter(page, &meeting, "moved", NULL, &moved, &error);
    if (error) {
        failed(page, error);
        return;
    }
    if (request_is_preview(page)) {
        show_move(page, &meeting, &moved, letter);
        return;
    }
    AppointmentDecision change = change_of(page, &meeting, letter);
    change.time = &time.time;
    if (write_change(page, &meeting, decision_move, &change, time.slot.starts_at))
        request_written(page, &meeting.at, "moved");
}

/* --- restored, nobody came --- */

void request_restore(Page *page)
{
    g_auto(MeetingAtHand) meeting = {0};
    GError *error = NULL;
    if (!meeting_at_hand_open(page, &meeting))
        return;
    g_autoptr(Letter) letter =
        change_letter(page, &meeting, "restored", NULL, meeting.appointment, &error);
    if (error) {
        failed(page, error);
        return;
    }
    AppointmentDecision change = change_of(page, &meeting, letter);
    if (write_change(page, &meeting, decision_restore, &change, meeting.appointment->starts_at))
        request_written(page, &meeting.at, "restored");
}

void request_no_show(Page *page)
{
    g_auto(MeetingAtHand) meeting = {0};
    if (!meeting_at_hand_open(page, &meeting))
        return;
    const gint64 late_s = (gint64)meeting.at.office->late_min * 60;
    if (page->now < meeting.appointment->starts_at + late_s) {
        page_redirect(page, "/scrivania/r/%s?fatto=too_early", meeting.at.request->code);
        return;
    }
    AppointmentDecision change = change_of(page, &meeting, NULL);
    if (!write_change(page, &meeting, decision_no_show, &change, meeting.appointment->starts_at))
        return;
    rooms_end(page->app->rooms, meeting.appointment->id, "ended");
    request_written(page, &meeting.at, "no_show");
}
