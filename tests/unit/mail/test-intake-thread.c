/* test-intake-thread.c - which messages join which request, and what they may not do there.
 */
#include "intake-desk.h"
#include "store/appointment.h"

#include <string.h>

/* --- threads ------------------------------------------------------------------------------- */

static gint64 known_request(Desk *desk, char **code)
{
    gint64 id = installation_request(&desk->here, "chiara@studio.example", code);
    installation_letter(&desk->here, id, "s.1@comune.esempio.example", G_MAXINT32);
    return id;
}

static void an_answer_to_our_letter_joins_its_thread(Desk *desk, gconstpointer unused)
{
    (void)unused;
    g_autofree char *code = NULL;
    gint64 id = known_request(desk, &code);
    g_autoptr(Message) message = take_mail(
        desk, "From: collega@studio.example\nMessage-ID: <r1@studio.example>\n"
              "In-Reply-To: <s.1@comune.esempio.example>\nSubject: Re: lettera\n\ngrazie\n");
    g_assert_cmpint(message->request_id, ==, id);
    g_assert_cmpstr(message->reason, ==, NULL);
    was_told(desk, "thread");
    g_assert_cmpuint(count_requests(desk), ==, 1);
    g_assert_cmpuint(count_letters(desk), ==, 1); /* a thread gets no second receipt */

    g_autoptr(Message) next =
        take_mail(desk, "From: collega@studio.example\nReferences: <r1@studio.example>\n"
                        "Subject: Re: lettera\n\nancora io\n");
    g_assert_cmpint(next->request_id, ==, id); /* who wrote a message may go on from it */
}

static void a_stranger_with_the_code_does_not_get_in(Desk *desk, gconstpointer unused)
{
    (void)unused;
    g_autofree char *code = NULL;
    gint64 id = known_request(desk, &code);
    g_autoptr(Message) stranger = take_mail(desk,
                                            "From: altri@b.example\nSubject: Re: [%s] "
                                            "videochiamata\n\nvorrei spostare l'appuntamento\n",
                                            code);
    g_assert_cmpint(stranger->request_id, !=, id);
    g_autoptr(Message) herself = take_mail(desk,
                                           "From: Chiara@Studio.example\nSubject: Re: [%s] "
                                           "videochiamata\n\nvorrei spostare l'appuntamento\n",
                                           code);
    g_assert_cmpint(herself->request_id, ==, id);
    g_autoptr(Request) request = request_of(desk, id);
    g_assert_true(request->to_read); /* a move is asked for, nothing moves by itself */
    g_assert_cmpint(request->state, ==, REQUEST_NEW);
}

static void a_stranger_with_anothers_message_id_does_not_get_in(Desk *desk, gconstpointer unused)
{
    (void)unused;
    g_autoptr(Message) first =
        take_mail(desk, "From: chiara@studio.example\nMessage-ID: <c1@studio.example>\n"
                        "Subject: scia\n\nvorrei una videochiamata\n");
    g_autoptr(Message) stranger = take_mail(
        desk,
        "From: altri@b.example\nIn-Reply-To: <c1@studio.example>\n\nvorrei una videochiamata\n");
    g_assert_cmpint(stranger->request_id, !=, first->request_id);
    g_autoptr(Message) herself = take_mail(
        desk,
        "From: chiara@studio.example\nIn-Reply-To: <c1@studio.example>\n\naggiungo la tavola\n");
    g_assert_cmpint(herself->request_id, ==, first->request_id);
}

static void a_tagged_address_finds_its_request(Desk *desk, gconstpointer unused)
{
    (void)unused;
    g_autoptr(Message) first =
        take_mail(desk, "From: chiara@studio.example\n\nvorrei una videochiamata\n");
    g_autoptr(Request) request = request_of(desk, first->request_id);
    g_autofree char *tag = token_reply_tag(&desk->key, request->code, request->id, 1);
    g_autoptr(Message) tagged = take_mail(
        desk,
        "From: casa@altrove.example\nTo: ufficio+%s@comune.esempio.example\n\nscrivo da casa\n",
        tag);
    g_assert_cmpint(tagged->request_id, ==, request->id);
    g_autoptr(Message) delivered =
        take_mail(desk,
                  "X-Original-To: <Ufficio+%s@comune.esempio.example>\n"
                  "From: casa@altrove.example\nTo: undisclosed-recipients:;\n\ndi nuovo\n",
                  tag);
    g_assert_cmpint(delivered->request_id, ==, request->id);
    g_autoptr(Message) coded = take_mail(
        desk, "From: altri@b.example\nTo: ufficio+%s@comune.esempio.example\n\nvideochiamata\n",
        request->code);
    g_assert_cmpint(coded->request_id, !=, request->id);
}

static void a_bounce_marks_its_letter_and_shows_in_the_thread(Desk *desk, gconstpointer unused)
{
    (void)unused;
    g_autofree char *code = NULL;
    gint64 id = known_request(desk, &code);
    g_autoptr(Message) message = take_mail(
        desk,
        "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=x\n\n--x\n\nno\n"
        "--x\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\n"
        "Final-Recipient: rfc822; chiara@studio.example\nAction: failed\nStatus: 5.1.1\n\n"
        "--x\nContent-Type: text/rfc822-headers\n\nMessage-ID: "
        "<s.1@comune.esempio.example>\n--x--\n");
    g_assert_cmpint(message->request_id, ==, id);
    g_assert_cmpstr(message->reason, ==, "bounce"); /* and among the other mail */
    was_told(desk, "thread other");
    g_autoptr(GPtrArray) letters = letters_of(desk, id);
    const Letter *letter = g_ptr_array_index(letters, 0);
    g_assert_cmpint(letter->state, ==, LETTER_FAILED);
    g_assert_cmpstr(letter->last_error, ==, "5.1.1");
    g_assert_cmpuint(letters->len, ==, 1);
}

static void a_delay_is_no_failure(Desk *desk, gconstpointer unused)
{
    (void)unused;
    g_autofree char *code = NULL;
    gint64 id = known_request(desk, &code);
    g_autoptr(Message) message = take_mail(
        desk,
        "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=x\n\n--x\n\nno\n"
        "--x\nContent-Type: message/delivery-status\n\nFinal-Recipient: rfc822; "
        "chiara@studio.example\n"
        "Action: delayed\nStatus: 4.4.1\n\n"
        "--x\nContent-Type: text/rfc822-headers\n\nMessage-ID: "
        "<s.1@comune.esempio.example>\n--x--\n");
    g_assert_cmpint(message->request_id, ==, id);
    g_autoptr(GPtrArray) letters = letters_of(desk, id);
    g_assert_cmpint(((const Letter *)g_ptr_array_index(letters, 0))->state, ==, LETTER_WAITING);
}

static void an_out_of_office_answer_shows_in_the_thread_only(Desk *desk, gconstpointer unused)
{
    (void)unused;
    g_autofree char *code = NULL;
    gint64 id = known_request(desk, &code);
    g_autoptr(Message) message = take_mail(
        desk, "From: chiara@studio.example\nAuto-Submitted: auto-replied\n"
              "In-Reply-To: <s.1@comune.esempio.example>\nSubject: assente\n\nsono assente\n");
    g_assert_cmpint(message->request_id, ==, id);
    g_assert_cmpstr(message->reason, ==, "auto_reply");
    g_autoptr(Request) request = request_of(desk, id);
    g_assert_false(request->to_read);
    g_assert_cmpint(request->updated_at, ==, 1);
    g_assert_cmpuint(count_letters(desk), ==, 1);
}

static bool book(Db *db, gpointer data, GError **error)
{
    const Appointment *appointment = data;
    AppointmentTime time = {.starts_at = 1795600800,
                            .ends_at = 1795602000,
                            .buffer_ends_at = 1795602000,
                            .wall_date = "2026-11-25",
                            .wall_minute = 600,
                            .zone = "Europe/Rome"};
    Actor actor = {.kind = ACTOR_SYSTEM, .at = 2};
    return appointment_book(db, appointment, &time, NULL, &actor, error) &&
           request_change(db, appointment->request_id, REQUEST_BOOKED, 0, &actor, error);
}

static Message *take_answer(Desk *desk, const char *partstat)
{
    return take_mail(
        desk,
        "From: chiara@studio.example\nSubject: risposta\nContent-Type: text/calendar; "
        "method=REPLY\n\n"
        "BEGIN:VCALENDAR\nVERSION:2.0\nMETHOD:REPLY\nBEGIN:VEVENT\nUID:u1@x\n"
        "DTSTAMP:20261124T101500Z\nDTSTART:20261125T090000Z\n"
        "ATTENDEE;PARTSTAT=%s:mailto:chiara@studio.example\nEND:VEVENT\nEND:VCALENDAR\n",
        partstat);
}

static void a_declined_invitation_is_shown_and_cancels_nothing(Desk *desk, gconstpointer unused)
{
    (void)unused;
    g_autofree char *code = NULL;
    gint64 id = known_request(desk, &code);
    Appointment appointment = {.id = token_new_id(),
                               .organisation_id = desk->here.office.organisation_id,
                               .office_id = desk->here.office.id,
                               .request_id = id,
                               .uid = (char *)"u1@x"};
    g_autoptr(GError) error = NULL;
    store_write(desk->here.store, book, &appointment, &error);
    g_assert_no_error(error);

    g_autoptr(Message) nod = take_answer(desk, "ACCEPTED");
    g_assert_cmpint(nod->request_id, ==, id);
    g_autoptr(Request) before = request_of(desk, id);
    g_assert_false(before->to_read);
    g_autoptr(Message) refusal = take_answer(desk, "DECLINED");
    g_assert_cmpint(refusal->request_id, ==, id);
    g_autoptr(Request) request = request_of(desk, id);
    g_assert_true(request->to_read);
    g_assert_cmpint(request->state, ==, REQUEST_BOOKED);
    g_assert_cmpint(request->appointment_state, ==, APPOINTMENT_BOOKED);
}

static void add(void)
{
    DESK_TEST(an_answer_to_our_letter_joins_its_thread);
    DESK_TEST(a_stranger_with_the_code_does_not_get_in);
    DESK_TEST(a_stranger_with_anothers_message_id_does_not_get_in);
    DESK_TEST(a_tagged_address_finds_its_request);
    DESK_TEST(a_bounce_marks_its_letter_and_shows_in_the_thread);
    DESK_TEST(a_delay_is_no_failure);
    DESK_TEST(an_out_of_office_answer_shows_in_the_thread_only);
    DESK_TEST(a_declined_invitation_is_shown_and_cancels_nothing);
}

int main(int argc, char **argv)
{
    return desk_main(argc, argv, add);
}
