/* imap_connect.c - from a configured mailbox to a connection that is logged in (imap.h).
 *
 * libcurl speaks up to the login and hands the connection over (CURLOPT_CONNECT_ONLY). It is told
 * to insist on TLS, on a chain to an authority we trust and on the host's name, so that neither a
 * forged server nor one that hides STARTTLS sees a password.
 */
#include "mail/imap_internal.h"

#include <poll.h>
#include <signal.h>
#include <string.h>

#define CHUNK 32768
#define CHECK_TIMEOUT_S 20

/* What libcurl asks back while it connects. */
typedef struct {
    int stop;
    bool offers_sasl; /* a mechanism that can carry a password */
    bool has_offered; /* it named what it can */
} Connecting;

static int is_stopped(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    const Connecting *connecting = context;
    struct pollfd fd = {connecting->stop, POLLIN, 0};
    (void)a, (void)b, (void)c, (void)d;
    return poll(&fd, 1, 0) > 0;
}

/* Lines of the server up to the login. */
static size_t take_line(char *line, size_t size, size_t count, void *context)
{
    Connecting *connecting = context;
    gsize length = size * count;
    g_autofree char *text = g_strndup(line, MIN(length, 4096));
    if (strstr(text, "CAPABILITY ")) {
        connecting->has_offered = true;
        connecting->offers_sasl = strstr(text, "AUTH=PLAIN") || strstr(text, "AUTH=LOGIN");
    }
    return length;
}

static size_t drop(char *bytes, size_t size, size_t count, void *context)
{
    (void)bytes, (void)context;
    return size * count;
}

static void set_connection(CURL *curl, const ConfigMailbox *mailbox, Connecting *connecting)
{
    curl_easy_setopt(curl, CURLOPT_URL, mailbox->url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "imap,imaps");
    curl_easy_setopt(curl, CURLOPT_PROXY, ""); /* whatever the environment says */
    curl_easy_setopt(curl, CURLOPT_CONNECT_ONLY, 1L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_QUICK_EXIT, 1L); /* a name server that hangs holds nobody */
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)mailbox->timeout_s * 1000);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)mailbox->timeout_s * 1000);
    curl_easy_setopt(curl, CURLOPT_SERVER_RESPONSE_TIMEOUT, (long)mailbox->timeout_s);
    curl_easy_setopt(curl, CURLOPT_TCP_KEEPALIVE, 1L); /* a firewall that forgets us is noticed */
    curl_easy_setopt(curl, CURLOPT_TCP_KEEPIDLE, 60L);
    curl_easy_setopt(curl, CURLOPT_TCP_KEEPINTVL, 20L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, is_stopped);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, connecting);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_line);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, connecting);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, drop);
}

static void set_tls(CURL *curl, const ConfigMailbox *mailbox)
{
    curl_easy_setopt(curl, CURLOPT_USE_SSL, (long)CURLUSESSL_ALL);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (!mailbox->ca_file)
        return;
    curl_easy_setopt(curl, CURLOPT_CAINFO, mailbox->ca_file);
    curl_easy_setopt(curl, CURLOPT_CAPATH, NULL); /* those alone */
}

static bool set_login(CURL *curl, const ConfigMailbox *mailbox, GError **error)
{
    g_autoptr(GError) why = NULL;
    char *secret = config_secret_read(mailbox->secret_file, &why);
    if (!secret) {
        g_set_error_literal(error, IMAP_ERROR, IMAP_ERROR_SECRET, why->message);
        return false;
    }
    bool is_token = g_strcmp0(mailbox->auth, "xoauth2") == 0;
    curl_easy_setopt(curl, CURLOPT_USERNAME, mailbox->user);
    curl_easy_setopt(curl, CURLOPT_LOGIN_OPTIONS,
                     is_token ? "AUTH=XOAUTH2" : "AUTH=PLAIN;AUTH=LOGIN");
    curl_easy_setopt(curl, is_token ? CURLOPT_XOAUTH2_BEARER : CURLOPT_PASSWORD, secret);
    config_secret_free(secret);
    return true;
}

static ImapError error_of(CURLcode code)
{
    switch (code) {
    case CURLE_LOGIN_DENIED:
        return IMAP_ERROR_REFUSED;
    case CURLE_OPERATION_TIMEDOUT:
        return IMAP_ERROR_LATE;
    case CURLE_ABORTED_BY_CALLBACK:
        return IMAP_ERROR_STOPPED;
    case CURLE_USE_SSL_FAILED:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
        return IMAP_ERROR_TLS;
    default:
        return IMAP_ERROR_CONNECT;
    }
}

/* libcurl's own words name hosts and certificates, which an administrator wants to read; after a
 * refused login they could quote the server. */
static bool fail(CURLcode code, const char *details, GError **error)
{
    ImapError kind = error_of(code);
    bool tells = *details && (kind == IMAP_ERROR_TLS || kind == IMAP_ERROR_CONNECT);
    g_set_error_literal(error, IMAP_ERROR, (gint)kind, tells ? details : curl_easy_strerror(code));
    return false;
}

static bool connect_and_login(CURL *curl, const ConfigMailbox *mailbox, int stop, GError **error)
{
    Connecting connecting = {.stop = stop};
    char details[CURL_ERROR_SIZE] = "";
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, details);
    set_connection(curl, mailbox, &connecting);
    set_tls(curl, mailbox);
    if (!set_login(curl, mailbox, error))
        return false;
    CURLcode code = curl_easy_perform(curl);
    bool knows_only_login =
        connecting.has_offered && !connecting.offers_sasl && g_strcmp0(mailbox->auth, "xoauth2");
    if (code == CURLE_LOGIN_DENIED && knows_only_login) {    /* nothing was tried yet */
        curl_easy_setopt(curl, CURLOPT_LOGIN_OPTIONS, NULL); /* whatever there is, at last LOGIN */
        code = curl_easy_perform(curl);
    }
    curl_easy_setopt(curl, CURLOPT_PASSWORD, NULL);
    curl_easy_setopt(curl, CURLOPT_XOAUTH2_BEARER, NULL);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, NULL);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, NULL);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 1L);
    return code == CURLE_OK || fail(code, details, error);
}

static CURL *new_handle(void)
{
    static gsize is_ready = 0;
    if (g_once_init_enter(&is_ready)) {
        curl_global_init(CURL_GLOBAL_DEFAULT);
        signal(SIGPIPE, SIG_IGN); /* a TLS connection that broke is an error, not the end */
        g_once_init_leave(&is_ready, 1);
    }
    CURL *curl = curl_easy_init();
    g_assert(curl);
    return curl;
}

Imap *imap_open(const ConfigMailbox *mailbox, int stop, GError **error)
{
    g_autoptr(Imap) imap = g_new0(Imap, 1);
    imap->curl = new_handle();
    imap->stop = stop;
    imap->limit_ms = (gint64)mailbox->timeout_s * 1000;
    if (!connect_and_login(imap->curl, mailbox, stop, error))
        return NULL;
    curl_socket_t socket = CURL_SOCKET_BAD;
    if (curl_easy_getinfo(imap->curl, CURLINFO_ACTIVESOCKET, &socket) != CURLE_OK ||
        socket == CURL_SOCKET_BAD) {
        g_set_error_literal(error, IMAP_ERROR, IMAP_ERROR_CLOSED, "the server hung up");
        return NULL;
    }
    imap->socket = socket;
    imap->chunk = g_malloc(CHUNK);
    imap->stream = imap_stream_new(&imap_handler, imap);
    if (!imap_ask_capabilities(imap, error))
        return NULL;
    return g_steal_pointer(&imap);
}

void imap_close(Imap *imap)
{
    if (!imap)
        return;
    if (imap->stream) { /* the least that is polite; nobody waits for the answer */
        gsize sent;
        (void)curl_easy_send(imap->curl, "SX LOGOUT\r\n", 11, &sent);
    }
    curl_easy_cleanup(imap->curl);
    imap_stream_free(imap->stream);
    g_free(imap->chunk);
    g_free(imap);
}

/* --- for the administrator ----------------------------------------------------------------- */

char *imap_check(const ConfigMailbox *mailbox, GError **error)
{
    ConfigMailbox hasty = *mailbox;
    hasty.timeout_s = MIN(mailbox->timeout_s, CHECK_TIMEOUT_S);
    g_autoptr(Imap) imap = imap_open(&hasty, -1, error);
    ImapFolder folder;
    if (!imap || !imap_select(imap, mailbox->folder, &folder, error))
        return NULL;
    guint can = imap_capabilities(imap);
    GString *words = g_string_new(can & IMAP_CAN_IDLE ? "IDLE" : "no IDLE");
    g_string_append(words, can & IMAP_CAN_MOVE ? ", MOVE" : ", no MOVE");
    g_string_append(words, can & IMAP_CAN_UIDPLUS ? ", UIDPLUS" : ", no UIDPLUS");
    g_string_append(words, folder.keyword ? ", keywords" : ", no keywords");
    if (folder.read_only)
        g_string_append(words, ", read only");
    return g_string_free(words, FALSE);
}
