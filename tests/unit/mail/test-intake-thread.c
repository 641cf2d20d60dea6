/* test-intake-thread.c - which messages join which request, and what they may not do there.
 */
#include "intake-desk.h"

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

/* How servers say it that write no RFC 3464 report: %s is the Message-ID of the letter or the tag
 * of its envelope sender. */
typedef struct {
    const char *name, *mail;
    LetterState state;
} WordsCase;

#define TOKEN "0123456789ABCDEFGHJKMNPQRS"
#define OURS "s." TOKEN "@comune.esempio.example"
#define VERP "appuntamentiedilizia+b-0123456789abcdefghjkmnpqrs@comune.esempio.example"

static const WordsCase words_cases[] = {
    {"qmail",
     "Return-Path: <>\nFrom: MAILER-DAEMON@mx.provider.example\nSubject: failure notice\n\n"
     "Hi. This is the qmail-send program at mx.provider.example.\nI'm afraid I wasn't able to "
     "deliver your message to the following addresses.\n\n<chiara@studio.example>:\n"
     "192.0.2.7 does not like recipient.\nRemote host said: 550 5.1.1 unknown\n\n"
     "--- Below this line is a copy of the message.\n\nReturn-Path: <x@y.example>\n"
     "Message-ID: <" OURS ">\nSubject: lettera\n\nciao\n",
     LETTER_FAILED},
    {"exim",
     "Return-Path: <>\nX-Failed-Recipients: chiara@studio.example\nAuto-Submitted: auto-replied\n"
     "From: Mail Delivery System <Mailer-Daemon@mx.example>\nSubject: Mail delivery failed: "
     "returning message to sender\n\nA message that you sent could not be delivered.\n\n"
     "------ This is a copy of the message's headers. ------\n\nMessage-Id:\n <" OURS ">\n",
     LETTER_FAILED},
    {"exchange",
     "From: Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@studio.example>\n"
     "Subject: Non recapitabile: lettera\n\nRecapito non riuscito per i destinatari seguenti:\n"
     "chiara@studio.example\n\nIntestazioni originali del messaggio:\n\n"
     "Message-ID: <" OURS ">\n",
     LETTER_FAILED},
    {"a_mailer_that_returns_the_letter",
     "Return-Path: <>\nFrom: postmaster@studio.example\nSubject: Undeliverable: lettera\n"
     "Content-Type: multipart/mixed; boundary=x\n\n--x\n\nUser unknown\n--x\n"
     "Content-Type: message/rfc822\n\nMessage-ID: <" OURS ">\nSubject: lettera\n\nciao\n--x--\n",
     LETTER_FAILED},
    {"only_a_tagged_recipient",
     "Return-Path: <>\nFrom: avvisi@provider.example\nTo: " VERP
     "\nSubject: Avviso\n\nNon è stato possibile recapitare la mail: casella piena.\n",
     LETTER_FAILED},
    {"a_tag_that_only_the_server_noted",
     "Delivered-To: " VERP "\nFrom: MAILER-DAEMON@x.example\n"
     "Subject: ?\n\nNiet bezorgd.\n",
     LETTER_FAILED},
    {"a_delay_in_words",
     "Return-Path: <>\nFrom: MAILER-DAEMON@x.example\nSubject: Warning: could not send message for "
     "past 4 hours\n\nYour message will be retried.\n\nMessage-ID: <" OURS ">\n",
     LETTER_WAITING},
    {"an_absence_at_the_tagged_address",
     "Return-Path: <>\nFrom: chiara@studio.example\nTo: " VERP
     "\nSubject: Fuori ufficio\nAuto-Submitted: auto-replied\n\nTorno lunedì.\n",
     LETTER_WAITING},
};

static void a_bounce_in_words_finds_its_letter(Desk *desk, gconstpointer unused)
{
    (void)unused;
    for (gsize i = 0; i < G_N_ELEMENTS(words_cases); i++) {
        const WordsCase *one = &words_cases[i];
        g_test_message("%s", one->name);
        g_autofree char *code = NULL;
        gint64 id = installation_request(&desk->here, "chiara@studio.example", &code);
        g_autofree char *token = g_strdup_printf("%.24s%02u", TOKEN, (guint)i);
        g_autofree char *ours = g_strdup_printf("s.%s@comune.esempio.example", token);
        installation_letter(&desk->here, id, ours, G_MAXINT32);
        g_auto(GStrv) by_id = g_strsplit(one->mail, TOKEN, -1);
        g_autofree char *with_id = g_strjoinv(token, by_id);
        g_autofree char *folded = g_ascii_strdown(token, -1);
        g_auto(GStrv) by_tag = g_strsplit(with_id, "0123456789abcdefghjkmnpqrs", -1);
        g_autofree char *mail = g_strjoinv(folded, by_tag);
        g_autoptr(Message) message = take_bytes(desk, mail, strlen(mail));
        bool absent = g_str_has_prefix(one->name, "an_absence");
        g_assert_cmpstr(message->kind, ==, absent ? "auto_reply" : "bounce");
        g_assert_cmpint(message->request_id, ==, id);
        g_autoptr(GPtrArray) letters = letters_of(desk, id);
        g_assert_cmpint(((const Letter *)g_ptr_array_index(letters, 0))->state, ==, one->state);
        g_assert_cmpuint(letters->len, ==, 1);
    }
}

static void a_forwarded_bounce_is_a_persons_letter(Desk *desk, gconstpointer unused)
{
    (void)unused;
    g_autofree char *code = NULL;
    gint64 id = known_request(desk, &code);
    g_autoptr(Message) message = take_mail(
        desk, "From: chiara@studio.example\nSubject: mi torna indietro\n"
              "Content-Type: multipart/mixed; boundary=y\n\n--y\n\nGuardate che cosa mi arriva "
              "quando vi scrivo, vorrei una videochiamata.\n--y\nContent-Type: message/rfc822\n\n"
              "From: MAILER-DAEMON@x.example\nSubject: Undelivered Mail\n"
              "Content-Type: multipart/report; report-type=delivery-status; boundary=x\n\n--x\n\n"
              "could not be delivered\n--x\nContent-Type: message/delivery-status\n\n"
              "Final-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.1.1\n\n"
              "--x\nContent-Type: text/rfc822-headers\n\nMessage-ID: <s.1@comune.esempio.example>\n"
              "--x--\n--y--\n");
    g_assert_cmpstr(message->kind, ==, "request");
    g_assert_cmpint(message->request_id, !=, id);
    g_autoptr(GPtrArray) letters = letters_of(desk, id);
    g_assert_cmpint(((const Letter *)g_ptr_array_index(letters, 0))->state, ==, LETTER_WAITING);
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

static void add(void)
{
    DESK_TEST(an_answer_to_our_letter_joins_its_thread);
    DESK_TEST(a_stranger_with_the_code_does_not_get_in);
    DESK_TEST(a_stranger_with_anothers_message_id_does_not_get_in);
    DESK_TEST(a_tagged_address_finds_its_request);
    DESK_TEST(a_bounce_marks_its_letter_and_shows_in_the_thread);
    DESK_TEST(a_delay_is_no_failure);
    DESK_TEST(an_out_of_office_answer_shows_in_the_thread_only);
    DESK_TEST(a_bounce_in_words_finds_its_letter);
    DESK_TEST(a_forwarded_bounce_is_a_persons_letter);
}

int main(int argc, char **argv)
{
    return desk_main(argc, argv, add);
}
