/* lmtp.c - see lmtp.h. One session per client; the replies to a message are one for each recipient
 * (RFC 2033, 4.2), and 250 means that it is durable.
 *
 * An address that is nobody's is refused for good (550); everything else that goes wrong is of the
 * kind that may pass (4xx), so that the mail server keeps the message.
 */
#include "mail/lmtp.h"
#include "mail/arrival.h"
#include "mail/listener.h"
#include "mail/lmtp_line.h"
#include "store/office.h"

#include <string.h>

#define CLIENTS_MOST 32     /* Postfix runs 20 for one destination */
#define RECIPIENTS_MOST 100 /* RFC 5321, 4.5.3.1.8 */
#define OFFICES_MOST 16     /* of one message: each takes it into a file of its own */
#define WRONG_MOST 20
#define COMMAND_MOST_MS G_GINT64_CONSTANT(300000) /* RFC 5321, 4.5.3.2.7 */
#define PIECE_MOST_MS G_GINT64_CONSTANT(180000)
#define MESSAGE_MOST_MS G_GINT64_CONSTANT(900000)
#define CHUNK 65536

#define SAYS_BUSY "421 4.3.2 busy, try again later\r\n"
#define SAYS_LATER "451 4.3.0 it cannot be stored now, try again later"
#define SAYS_FULL "452 4.3.1 no space left, try again later"

struct Lmtp {
    const Config *config;
    Store *store;
    const Clock *clock;
    void (*arrived)(gpointer context);
    gpointer context;
    Listener *listener;
};

/* What one office gets of the message at hand. */
typedef struct {
    gint64 office_id;
    GString *envelope;   /* its Delivered-To lines */
    Arrival *arrival;    /* from DATA on */
    const char *trouble; /* the reply, when it cannot be taken */
} Box;

typedef struct {
    Lmtp *lmtp;
    Peer *peer;
    char *in; /* CHUNK bytes */
    gsize in_at, in_length;
    char *unstuffed; /* CHUNK + 1 bytes */
    GString *out;    /* replies that were not sent yet */
    bool has_greeted, has_sender, has_ended;
    char sender[LMTP_ADDRESS_MOST + 1];
    GPtrArray *boxes;      /* Box * */
    GPtrArray *recipients; /* Box *, borrowed; one for each recipient, in order */
    guint wrong;
} Session;

static void box_free(gpointer data)
{
    Box *box = data;
    g_string_free(box->envelope, TRUE);
    arrival_free(box->arrival);
    g_free(box);
}

static void say(Session *session, const char *reply)
{
    g_string_append(session->out, reply);
    g_string_append(session->out, "\r\n");
}

static void reset(Session *session)
{
    session->has_sender = false;
    g_ptr_array_set_size(session->recipients, 0);
    g_ptr_array_set_size(session->boxes, 0);
}

/* --- bytes --------------------------------------------------------------------------------- */

/* Replies leave before more is waited for (RFC 2920, 3.2). */
static bool read_more(Session *session)
{
    if (session->out->len && !peer_write(session->peer, session->out->str, session->out->len))
        return false;
    g_string_truncate(session->out, 0);
    gsize left = session->in_length - session->in_at;
    memmove(session->in, session->in + session->in_at, left);
    session->in_at = 0;
    session->in_length = left;
    gssize step = peer_read(session->peer, session->in + left, CHUNK - left);
    if (step <= 0)
        return false;
    session->in_length += (gsize)step;
    return true;
}

/* The next line without its end, which stays valid until the next call; NULL at the end. One that
 * is too long comes as nothing but its beginning, with `is_long`. */
static const char *read_line(Session *session, gsize *length, bool *is_long)
{
    *is_long = false;
    for (;;) {
        const char *start = session->in + session->in_at;
        gsize held = session->in_length - session->in_at;
        const char *end = memchr(start, '\n', held);
        if (end) {
            *length = (gsize)(end - start);
            session->in_at += *length + 1;
            *is_long = *is_long || *length + 1 > LMTP_LINE_MOST;
            if (*length && start[*length - 1] == '\r')
                (*length)--;
            return start;
        }
        if (held > LMTP_LINE_MOST) {
            *is_long = true;
            session->in_at = session->in_length; /* to its end, wherever that is */
        }
        if (!read_more(session))
            return NULL;
    }
}

/* --- the message --------------------------------------------------------------------------- */

static const char *reply_for(const GError *error)
{
    g_warning("event=lmtp_failed error=\"%s\"", error->message);
    return g_error_matches(error, STORE_ERROR, STORE_ERROR_FULL) ||
                   g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOSPC)
               ? SAYS_FULL
               : SAYS_LATER;
}

static void feed(Box *box, const char *bytes, gsize length)
{
    g_autoptr(GError) error = NULL;
    if (!box->trouble && length && !arrival_feed(box->arrival, bytes, length, &error))
        box->trouble = reply_for(error);
}

static void open_boxes(Session *session)
{
    const Config *config = session->lmtp->config;
    for (guint i = 0; i < session->boxes->len; i++) {
        Box *box = g_ptr_array_index(session->boxes, i);
        g_autoptr(GError) error = NULL;
        box->arrival = arrival_new(config->max_message, config->upload_folder, &error);
        if (!box->arrival)
            box->trouble = reply_for(error);
        g_autofree char *returns = g_strdup_printf("Return-Path: <%s>\r\n", session->sender);
        feed(box, returns, strlen(returns));
        feed(box, box->envelope->str, box->envelope->len);
    }
}

/* False when the client left in the middle: nothing may be stored. */
static bool take_message(Session *session)
{
    LmtpData state = LMTP_AT_START;
    for (;;) {
        gsize length;
        session->in_at +=
            lmtp_data(&state, session->in + session->in_at, session->in_length - session->in_at,
                      session->unstuffed, &length);
        for (guint i = 0; i < session->boxes->len; i++)
            feed(g_ptr_array_index(session->boxes, i), session->unstuffed, length);
        if (state == LMTP_AT_END)
            return true;
        if (!read_more(session))
            return false;
    }
}

static void store_box(Session *session, Box *box)
{
    Lmtp *lmtp = session->lmtp;
    g_autoptr(GError) error = NULL;
    gint64 id;
    bool is_new;
    if (box->trouble)
        return;
    if (!arrival_store(box->arrival, lmtp->store, box->office_id, clock_now(lmtp->clock), &id,
                       &is_new, &error)) {
        box->trouble = reply_for(error);
        return;
    }
    g_message("event=message_stored message=%" G_GINT64_FORMAT " by=lmtp bytes=%" G_GINT64_FORMAT
              " new=%d",
              id, arrival_size(box->arrival), (int)is_new);
    if (lmtp->arrived)
        lmtp->arrived(lmtp->context);
}

static void take_data(Session *session)
{
    if (!session->recipients->len) {
        say(session, "503 5.5.1 no recipient");
        return;
    }
    say(session, "354 end with a line of one dot");
    peer_limit(session->peer, PIECE_MOST_MS, MESSAGE_MOST_MS);
    peer_at_hand(session->peer, true);
    open_boxes(session);
    if (!take_message(session)) {
        session->has_ended = true;
        return;
    }
    for (guint i = 0; i < session->boxes->len; i++)
        store_box(session, g_ptr_array_index(session->boxes, i));
    for (guint i = 0; i < session->recipients->len; i++) {
        const Box *box = g_ptr_array_index(session->recipients, i);
        say(session, box->trouble ? box->trouble : "250 2.0.0 stored");
    }
    reset(session);
}

/* --- the envelope -------------------------------------------------------------------------- */

static void take_sender(Session *session, const LmtpCommand *command)
{
    if (!session->has_greeted) {
        say(session, "503 5.5.1 LHLO first");
        return;
    }
    if (session->has_sender) {
        say(session, "503 5.5.1 one sender only");
        return;
    }
    session->has_sender = true;
    g_strlcpy(session->sender, command->address, sizeof session->sender);
    say(session, "250 2.1.0 go on");
}

static Box *box_of(Session *session, gint64 office_id)
{
    for (guint i = 0; i < session->boxes->len; i++) {
        Box *box = g_ptr_array_index(session->boxes, i);
        if (box->office_id == office_id)
            return box;
    }
    if (session->boxes->len == OFFICES_MOST)
        return NULL;
    Box *box = g_new0(Box, 1);
    box->office_id = office_id;
    box->envelope = g_string_new(NULL);
    g_ptr_array_add(session->boxes, box);
    return box;
}

static const char *find_office(Session *session, const char *address, gint64 *office_id)
{
    g_autoptr(GError) error = NULL;
    Db *db = store_reader(session->lmtp->store);
    g_autoptr(Office) office = office_find_by_address(db, address, &error);
    store_reader_done(session->lmtp->store, db);
    if (office) {
        *office_id = office->id;
        return NULL;
    }
    if (!g_error_matches(error, STORE_ERROR, STORE_ERROR_NOT_FOUND))
        return reply_for(error);
    g_message("event=lmtp_refused why=\"nobody's address\"");
    return "550 5.1.1 no office has this address";
}

static void take_recipient(Session *session, const LmtpCommand *command)
{
    if (!session->has_sender) {
        say(session, "503 5.5.1 MAIL first");
        return;
    }
    gint64 office_id = 0;
    const char *refusal = find_office(session, command->address, &office_id);
    if (refusal) {
        say(session, refusal);
        return;
    }
    Box *box = session->recipients->len < RECIPIENTS_MOST ? box_of(session, office_id) : NULL;
    if (!box) {
        say(session, "452 4.5.3 too many recipients, the others in another transaction");
        return;
    }
    g_string_append_printf(box->envelope, "Delivered-To: %s\r\n", command->address);
    g_ptr_array_add(session->recipients, box);
    say(session, "250 2.1.5 go on");
}

/* --- commands ------------------------------------------------------------------------------ */

static void greet(Session *session)
{
    reset(session);
    session->has_greeted = true;
    g_string_append_printf(session->out, "250-%s\r\n", g_get_host_name());
    say(session, "250-PIPELINING");
    say(session, "250-ENHANCEDSTATUSCODES");
    say(session, "250-8BITMIME");
    say(session, "250-SMTPUTF8");
    say(session, "250 SIZE"); /* no maximum (RFC 1870, 4): what is too long is cut, not refused */
}

static void say_wrong(Session *session, const char *reply)
{
    say(session, reply);
    if (++session->wrong < WRONG_MOST)
        return;
    say(session, "421 4.7.0 too many errors");
    session->has_ended = true;
}

static void obey(Session *session, const LmtpCommand *command)
{
    switch (command->verb) {
    case LMTP_LHLO:
        greet(session);
        return;
    case LMTP_MAIL:
        take_sender(session, command);
        return;
    case LMTP_RCPT:
        take_recipient(session, command);
        return;
    case LMTP_DATA:
        take_data(session);
        return;
    case LMTP_RSET:
        reset(session);
        say(session, "250 2.0.0 forgotten");
        return;
    case LMTP_NOOP:
        say(session, "250 2.0.0 here");
        return;
    case LMTP_VRFY:
        say(session, "252 2.5.0 try RCPT");
        return;
    case LMTP_QUIT:
        say(session, "221 2.0.0 goodbye");
        session->has_ended = true;
        return;
    case LMTP_UNKNOWN:
        say_wrong(session, "500 5.5.1 no such command");
        return;
    case LMTP_SYNTAX:
        say_wrong(session, "501 5.5.4 not written so");
        return;
    case LMTP_ADDRESS:
        say_wrong(session, "501 5.1.3 no address");
        return;
    case LMTP_PARAMETER:
        say_wrong(session, "555 5.5.4 unknown parameter");
        return;
    }
}

static void take_command(Session *session)
{
    gsize length;
    bool is_long;
    peer_limit(session->peer, COMMAND_MOST_MS, COMMAND_MOST_MS);
    peer_at_hand(session->peer, false);
    const char *line = read_line(session, &length, &is_long);
    if (peer_is_last(session->peer)) {
        say(session, "421 4.3.2 the server ends");
        session->has_ended = true;
    } else if (!line) {
        session->has_ended = true;
    } else if (is_long) {
        say_wrong(session, "500 5.5.2 the line is too long");
    } else {
        LmtpCommand command;
        lmtp_parse(line, length, &command);
        obey(session, &command);
    }
}

static void serve_client(Peer *peer, gpointer lmtp)
{
    Session session = {.lmtp = lmtp, .peer = peer};
    session.in = g_malloc(CHUNK);
    session.unstuffed = g_malloc(CHUNK + 1);
    session.out = g_string_new(NULL);
    session.boxes = g_ptr_array_new_with_free_func(box_free);
    session.recipients = g_ptr_array_new();
    g_string_append_printf(session.out, "220 %s LMTP\r\n", g_get_host_name());
    while (!session.has_ended)
        take_command(&session);
    peer_write(peer, session.out->str, session.out->len);
    g_ptr_array_unref(session.recipients);
    g_ptr_array_unref(session.boxes);
    g_string_free(session.out, TRUE);
    g_free(session.unstuffed);
    g_free(session.in);
}

/* --- its life ------------------------------------------------------------------------------ */

Lmtp *lmtp_open(const Config *config, Store *store, const Clock *clock,
                void (*arrived)(gpointer context), gpointer context, GError **error)
{
    Lmtp *lmtp = g_new0(Lmtp, 1);
    *lmtp = (Lmtp){config, store, clock, arrived, context, NULL};
    const ListenerSettings settings = {
        .path = config->lmtp_socket,
        .setting = "lmtp_socket of [mail]",
        .mode = 0660,
        .most = CLIENTS_MOST,
        .busy = SAYS_BUSY,
        .serve = serve_client,
        .context = lmtp,
        .clock = clock,
    };
    lmtp->listener = listener_open(&settings, error);
    if (lmtp->listener)
        return lmtp;
    g_free(lmtp);
    return NULL;
}

void lmtp_close(Lmtp *lmtp)
{
    if (!lmtp)
        return;
    listener_close(lmtp->listener);
    g_free(lmtp);
}
