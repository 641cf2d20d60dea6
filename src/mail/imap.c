/* imap.c - see imap.h: the dialogue. How the connection comes about is imap_connect.c.
 *
 * One command at a time; what the server says on its own is taken whenever it comes. Waiting is a
 * poll on the connection and the descriptor that ends it; TLS keeps bytes back, so whatever libcurl
 * has is taken before each poll.
 */
#include "mail/imap_internal.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#define CHUNK 32768
#define SLOWEST_PER_S 16384 /* bytes of a body: whoever is slower is late */
#define LOOK_AGAIN_MS 10000

/* --- what comes in ------------------------------------------------------------------------- */

static bool set_error(GError **error, ImapError code, const char *what)
{
    g_set_error_literal(error, IMAP_ERROR, (gint)code, what);
    return false;
}

static gint compare_uids(gconstpointer a, gconstpointer b)
{
    guint32 left = *(const guint32 *)a, right = *(const guint32 *)b;
    return left < right ? -1 : left > right;
}

/* Into its slot. Whenever somebody flags other messages the server tells that in between, with
 * nothing of what was asked for: those are none of ours, and of ours it takes nothing back. */
static void note_mail(Imap *imap, const ImapAnswer *answer)
{
    guint slot;
    if (!imap->mails || !g_array_binary_search(imap->mails, &answer->uid, compare_uids, &slot))
        return;
    ImapMail *mail = &g_array_index(imap->mails, ImapMail, slot);
    imap->told[slot] = true;
    if (answer->size >= 0)
        mail->size = answer->size;
    if (answer->internal_at != G_MININT64)
        mail->internal_at = answer->internal_at;
    if (answer->has_flags)
        mail->flags = answer->flags;
}

static void note_data(Imap *imap, const ImapAnswer *answer)
{
    if (g_str_equal(answer->name, "EXISTS")) {
        imap->messages = answer->number;
        imap->has_news = true;
    } else if (g_str_equal(answer->name, "FETCH")) {
        note_mail(imap, answer);
        imap->fetched_uid = answer->uid;
        if (answer->has_body)
            imap->body_uid = answer->uid;
    } else if (g_str_equal(answer->name, "CAPABILITY")) {
        imap->capabilities = answer->capabilities;
    }
}

static void note_code(Imap *imap, const ImapAnswer *answer)
{
    if (g_str_equal(answer->code, "UIDVALIDITY"))
        imap->folder.uid_validity = answer->code_number;
    else if (g_str_equal(answer->code, "UIDNEXT"))
        imap->folder.uid_next = answer->code_number;
    else if (g_str_equal(answer->code, "READ-ONLY"))
        imap->folder.read_only = true;
    else if (g_str_equal(answer->code, "PERMANENTFLAGS"))
        imap->folder.keyword = (answer->flags & (IMAP_FLAG_ANY | IMAP_FLAG_STORED)) != 0;
}

static bool take_answer(const ImapAnswer *answer, gpointer context, GError **error)
{
    Imap *imap = context;
    if (answer->status == IMAP_BYE && g_str_equal(answer->tag, "*"))
        return set_error(error, IMAP_ERROR_CLOSED, "the server said BYE");
    note_code(imap, answer);
    if (g_str_equal(answer->tag, "*")) {
        note_data(imap, answer);
    } else if (g_str_equal(answer->tag, "+")) {
        imap->goes_on = true;
    } else if (g_str_equal(answer->tag, imap->tag)) {
        imap->status = answer->status;
        g_strlcpy(imap->code, answer->code, sizeof imap->code);
        imap->is_answered = true;
    }
    return true;
}

static bool begin_body(guint64 size, gpointer context, GError **error)
{
    Imap *imap = context;
    if (!imap->arrival || imap->has_body)
        return set_error(error, IMAP_ERROR_PROTOCOL, "a body nobody asked for");
    if (size > (guint64)imap->body_most)
        return set_error(error, IMAP_ERROR_TOO_LARGE, "a body is larger than the server said");
    imap->has_body = true;
    return true;
}

static bool take_body(const guint8 *bytes, gsize length, gpointer context, GError **error)
{
    Imap *imap = context;
    return arrival_feed(imap->arrival, bytes, length, error);
}

/* However many the server names, only the lowest are kept. */
static void keep_lowest(Imap *imap)
{
    g_array_sort(imap->found, compare_uids);
    if (imap->found->len > imap->found_most) {
        g_array_set_size(imap->found, imap->found_most);
        imap->found_more = true;
    }
}

static void take_found(guint32 uid, gpointer context)
{
    Imap *imap = context;
    if (!imap->found || uid < imap->found_from)
        return; /* "7:*" is never empty: it names the last message (RFC 3501, 6.4.8) */
    g_array_append_val(imap->found, uid);
    if (imap->found->len >= 2 * imap->found_most)
        keep_lowest(imap);
}

const ImapHandler imap_handler = {take_answer, begin_body, take_body, take_found};

/* --- sending and waiting ------------------------------------------------------------------- */

static gint64 now_ms(void)
{
    return g_get_monotonic_time() / 1000;
}

typedef enum { READY, TIME_IS_UP, STOPPED } Waited;

/* Until the connection is ready for `events`, at most until then. */
static Waited wait_for(Imap *imap, short events, gint64 until_ms)
{
    struct pollfd fds[2] = {{imap->socket, events, 0}, {imap->stop, POLLIN, 0}};
    for (;;) {
        gint64 left = until_ms - now_ms();
        int ready = poll(fds, 2, (int)CLAMP(left, 0, LOOK_AGAIN_MS));
        if (ready < 0 && errno == EINTR)
            continue;
        if (ready > 0 && fds[1].revents)
            return STOPPED;
        if (ready > 0)
            return READY;
        return left > LOOK_AGAIN_MS ? READY : TIME_IS_UP;
    }
}

static bool is_stopping(const Imap *imap)
{
    struct pollfd fd = {imap->stop, POLLIN, 0};
    return poll(&fd, 1, 0) > 0;
}

static bool may_go_on(Waited waited, GError **error)
{
    if (waited == STOPPED)
        return set_error(error, IMAP_ERROR_STOPPED, "stopped");
    return waited == READY ||
           set_error(error, IMAP_ERROR_LATE, "the server did not answer in time");
}

static bool failed(CURLcode code, GError **error)
{
    return set_error(error, IMAP_ERROR_CLOSED, curl_easy_strerror(code));
}

static bool send_all(Imap *imap, const char *text, gsize length, GError **error)
{
    gint64 until_ms = now_ms() + imap->limit_ms;
    while (length) {
        gsize sent = 0;
        CURLcode code = curl_easy_send(imap->curl, text, length, &sent);
        if (code == CURLE_AGAIN) {
            if (!may_go_on(wait_for(imap, POLLOUT, until_ms), error))
                return false;
            continue;
        }
        if (code != CURLE_OK)
            return failed(code, error);
        text += sent;
        length -= sent;
    }
    return true;
}

/* Takes what is there; waits for it until then when nothing is. */
static bool receive(Imap *imap, gint64 until_ms, Waited *waited, GError **error)
{
    gsize length = 0;
    CURLcode code = curl_easy_recv(imap->curl, imap->chunk, CHUNK, &length);
    if (code == CURLE_AGAIN) {
        *waited = wait_for(imap, POLLIN, until_ms);
        return true;
    }
    if (code != CURLE_OK)
        return failed(code, error);
    if (length == 0)
        return set_error(error, IMAP_ERROR_CLOSED, "the server hung up");
    /* also of a server that never pauses */
    *waited = is_stopping(imap) ? STOPPED : now_ms() < until_ms ? READY : TIME_IS_UP;
    imap->received += length;
    return imap_stream_feed(imap->stream, imap->chunk, length, error);
}

/* Until the command is answered, or (`or_goes_on`) the server wants more of it. The limit begins
 * anew with each piece of a body, but the whole has one too. */
static bool await_answer(Imap *imap, bool or_goes_on, gint64 whole_ms, GError **error)
{
    gint64 until_ms = now_ms() + whole_ms, quiet_until_ms = now_ms() + imap->limit_ms;
    while (!imap->is_answered && !(or_goes_on && imap->goes_on)) {
        guint64 before = imap->received;
        Waited waited;
        if (!receive(imap, MIN(until_ms, quiet_until_ms), &waited, error) ||
            !may_go_on(waited, error))
            return false;
        if (imap->received > before)
            quiet_until_ms = now_ms() + imap->limit_ms;
    }
    return true;
}

static bool begin_command(Imap *imap, const char *words, GError **error)
{
    g_snprintf(imap->tag, sizeof imap->tag, "S%u", ++imap->commands);
    imap->is_answered = imap->goes_on = false;
    imap->status = IMAP_NO_STATUS;
    imap->code[0] = '\0';
    g_autofree char *line = g_strdup_printf("%s %s\r\n", imap->tag, words);
    return send_all(imap, line, strlen(line), error);
}

/* Of what the server says only the code is kept: the rest are words of anybody. */
static bool was_done(const Imap *imap, const char *what, GError **error)
{
    if (imap->status == IMAP_OK)
        return true;
    g_set_error(error, IMAP_ERROR, IMAP_ERROR_SAID_NO, "%s: the server says %s%s%s", what,
                imap->status == IMAP_BAD ? "BAD" : "NO", *imap->code ? " " : "", imap->code);
    return false;
}

/* `what` names the command in errors; `whole_ms` 0: as long as any. */
static bool run(Imap *imap, const char *what, const char *words, gint64 whole_ms, GError **error)
{
    return begin_command(imap, words, error) &&
           await_answer(imap, false, whole_ms ? whole_ms : imap->limit_ms, error) &&
           was_done(imap, what, error);
}

/* --- commands ------------------------------------------------------------------------------ */

bool imap_ask_capabilities(Imap *imap, GError **error)
{
    return run(imap, "CAPABILITY", "CAPABILITY", 0, error);
}

guint imap_capabilities(const Imap *imap)
{
    return imap->capabilities;
}

static char *folder_command(const char *verb, const char *folder, GError **error)
{
    g_autofree char *quoted = imap_quote_folder(folder);
    if (quoted)
        return g_strconcat(verb, " ", quoted, NULL);
    set_error(error, IMAP_ERROR_SAID_NO, "the name of the folder is no text");
    return NULL;
}

static bool run_on_folder(Imap *imap, const char *verb, const char *folder, GError **error)
{
    g_autofree char *words = folder_command(verb, folder, error);
    return words && run(imap, verb, words, 0, error);
}

bool imap_select(Imap *imap, const char *folder, ImapFolder *found, GError **error)
{
    imap->folder = (ImapFolder){0};
    imap->messages = 0;
    if (!run_on_folder(imap, "SELECT", folder, error))
        return false;
    imap->has_news = false;
    *found = imap->folder;
    found->messages = imap->messages;
    return true;
}

GArray *imap_search(Imap *imap, guint32 from_uid, gint64 since_at, guint most, bool *more,
                    GError **error)
{
    g_autofree char *day = imap_day(since_at);
    g_autofree char *words = g_strdup_printf("UID SEARCH UID %u:* SINCE %s", MAX(from_uid, 1), day);
    g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(guint32));
    imap->found = found;
    imap->found_from = from_uid;
    imap->found_most = most;
    imap->found_more = false;
    imap->has_news = false;
    bool done = run(imap, "UID SEARCH", words, 0, error);
    keep_lowest(imap);
    imap->found = NULL;
    *more = imap->found_more;
    return done ? g_steal_pointer(&found) : NULL;
}

/* Not told: it is gone. */
static void drop_untold(GArray *mails, const bool *told)
{
    guint kept = 0;
    for (guint i = 0; i < mails->len; i++)
        if (told[i])
            g_array_index(mails, ImapMail, kept++) = g_array_index(mails, ImapMail, i);
    g_array_set_size(mails, kept);
}

GArray *imap_describe(Imap *imap, const guint32 *uids, guint count, GError **error)
{
    g_autofree char *set = imap_uid_set(uids, count);
    g_autofree char *words =
        g_strdup_printf("UID FETCH %s (UID RFC822.SIZE INTERNALDATE FLAGS)", set);
    g_autoptr(GArray) mails = g_array_new(FALSE, FALSE, sizeof(ImapMail));
    g_autofree bool *told = g_new0(bool, count);
    for (guint i = 0; i < count; i++) {
        ImapMail mail = {uids[i], -1, G_MININT64, 0};
        g_array_append_val(mails, mail);
    }
    imap->mails = mails;
    imap->told = told;
    bool done = run(imap, "UID FETCH", words, 0, error);
    imap->mails = NULL;
    imap->told = NULL;
    if (!done)
        return NULL;
    drop_untold(mails, told);
    return g_steal_pointer(&mails);
}

bool imap_fetch(Imap *imap, const ImapMail *mail, gint64 most, gint64 first, Arrival *arrival,
                GError **error)
{
    g_autofree char *range = first ? g_strdup_printf("<0.%" G_GINT64_FORMAT ">", first) : NULL;
    g_autofree char *words =
        g_strdup_printf("UID FETCH %u (UID BODY.PEEK[]%s)", mail->uid, range ? range : "");
    imap->arrival = arrival;
    imap->body_most = first ? first : most;
    imap->has_body = false;
    imap->fetched_uid = imap->body_uid = 0;
    gint64 whole_ms = imap->limit_ms + imap->body_most * 1000 / SLOWEST_PER_S;
    bool done = run(imap, "UID FETCH", words, whole_ms, error);
    imap->arrival = NULL;
    if (!done)
        return false;
    if (!imap->has_body)
        return set_error(error, IMAP_ERROR_SAID_NO,
                         imap->fetched_uid ? "the message came without its text"
                                           : "no such message");
    if (imap->body_uid != mail->uid)
        return set_error(error, IMAP_ERROR_PROTOCOL, "the body of another message");
    return true;
}

static bool store_flag(Imap *imap, const char *set, const char *flag, GError **error)
{
    g_autofree char *words = g_strdup_printf("UID STORE %s +FLAGS.SILENT (%s)", set, flag);
    return run(imap, "UID STORE", words, 0, error);
}

bool imap_flag(Imap *imap, const guint32 *uids, guint count, bool keyword, GError **error)
{
    g_autofree char *set = imap_uid_set(uids, count);
    return store_flag(imap, set, keyword ? IMAP_STORED : "\\Seen", error);
}

/* UID MOVE or UID COPY; a folder that is missing is made, once. */
static bool run_into(Imap *imap, const char *verb, const char *set, const char *folder,
                     GError **error)
{
    g_autofree char *verb_and_set = g_strdup_printf("%s %s", verb, set);
    g_autofree char *words = folder_command(verb_and_set, folder, error);
    if (!words)
        return false;
    g_autoptr(GError) why = NULL;
    if (run(imap, verb, words, 0, &why))
        return true;
    if (why->code != IMAP_ERROR_SAID_NO || !g_str_equal(imap->code, "TRYCREATE")) {
        g_propagate_error(error, g_steal_pointer(&why));
        return false;
    }
    return run_on_folder(imap, "CREATE", folder, error) && run(imap, verb, words, 0, error);
}

bool imap_move(Imap *imap, const guint32 *uids, guint count, const char *folder, GError **error)
{
    g_autofree char *set = imap_uid_set(uids, count);
    if (imap->capabilities & IMAP_CAN_MOVE)
        return run_into(imap, "UID MOVE", set, folder, error);
    if (!(imap->capabilities & IMAP_CAN_UIDPLUS)) /* EXPUNGE would take what others have deleted */
        return set_error(error, IMAP_ERROR_SAID_NO, "the server knows neither MOVE nor UIDPLUS");
    g_autofree char *expunge = g_strdup_printf("UID EXPUNGE %s", set);
    return run_into(imap, "UID COPY", set, folder, error) &&
           store_flag(imap, set, "\\Deleted", error) && run(imap, "UID EXPUNGE", expunge, 0, error);
}

/* --- waiting for mail ---------------------------------------------------------------------- */

bool imap_has_news(Imap *imap)
{
    return imap->has_news;
}

/* Until there is news or time is up. */
static bool await_news(Imap *imap, guint most_s, GError **error)
{
    gint64 until_ms = now_ms() + (gint64)most_s * 1000;
    for (Waited waited = READY; !imap->has_news && waited != TIME_IS_UP;) {
        if (!receive(imap, until_ms, &waited, error))
            return false;
        if (waited == STOPPED)
            return may_go_on(waited, error);
    }
    return true;
}

static bool idle(Imap *imap, guint most_s, GError **error)
{
    if (!begin_command(imap, "IDLE", error) || !await_answer(imap, true, imap->limit_ms, error))
        return false;
    if (imap->is_answered)
        return was_done(imap, "IDLE", error);
    return await_news(imap, most_s, error) && send_all(imap, "DONE\r\n", 6, error) &&
           await_answer(imap, false, imap->limit_ms, error) && was_done(imap, "IDLE", error);
}

static bool poll_for_news(Imap *imap, guint most_s, guint poll_s, GError **error)
{
    for (guint waited_s = 0; !imap->has_news && waited_s < most_s; waited_s += MAX(poll_s, 1)) {
        if (!await_news(imap, MIN(poll_s, most_s - waited_s), error) ||
            !run(imap, "NOOP", "NOOP", 0, error))
            return false;
    }
    return true;
}

bool imap_wait(Imap *imap, guint most_s, guint poll_s, GError **error)
{
    if (imap->capabilities & IMAP_CAN_IDLE) {
        g_autoptr(GError) why = NULL;
        if (idle(imap, most_s, &why))
            return true;
        if (why->code != IMAP_ERROR_SAID_NO) {
            g_propagate_error(error, g_steal_pointer(&why));
            return false;
        }
        imap->capabilities &= ~(guint)IMAP_CAN_IDLE; /* it says so, but does not do it */
    }
    return poll_for_news(imap, most_s, poll_s, error);
}
