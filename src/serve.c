/* serve.c - joins the parts of a running server. Nothing is decided here: parts are made in an
 * order in which each finds what it borrows, told about each other, and taken down in reverse.
 */
#include "serve.h"
#include "base/log.h"
#include "clock/notices.h"
#include "clock/ticker.h"
#include "mail/correspondence.h"
#include "mail/deliver.h"
#include "mail/intake.h"
#include "mail/lmtp.h"
#include "mail/mailbox.h"
#include "mail/maildir.h"
#include "mail/outbox.h"
#include "mail/smime.h"
#include "room/room.h"
#include "web/app.h"
#include "web/limits.h"
#include "web/live.h"
#include "web/routes.h"
#include "web/sessions.h"
#include <errno.h>
#include <glib/gstdio.h>
#include <malloc.h>
#include <signal.h>
#include <string.h>

#define FORM_MOST ((gsize)256 * 1024)
#define NOTICES_EVERY_S 2
#define UPLOAD_MOST ((gint64)45 * 1024 * 1024) /* 30 MB of drawings, in pieces */

typedef struct {
    App app;
    Config config; /* borrows its texts, but for public_url where the port was only found here */
    char *found_url;
    LetterBox letters;
    Templates *templates;
    Routes *routes;
    DeliverSocket *deliver;
    Lmtp *lmtp; /* NULL: not configured */
    Mailboxes *mailboxes;
    NoticeSettings notices;
    Ticker *ticker;
} Server;

/* --- what the parts tell each other
 * --------------------------------------------------------------------- */

static void on_mail(gint64 office_id, const char *event, const char *code, gpointer context)
{
    const App *app = context;
    live_desk(app->hub, office_id, event, code, NULL);
}

static void on_letter(gint64 office_id, const char *code, gpointer context)
{
    const App *app = context;
    live_desk(app->hub, office_id, "letter", code, NULL);
}

static void on_room(gint64 office_id, const char *code, const char *state, gpointer context)
{
    const App *app = context;
    live_desk(app->hub, office_id, "room", code, state);
}

static void on_letter_waits(gpointer context)
{
    const App *app = context;
    outbox_wake(app->outbox);
}

static void on_arrival(gpointer context)
{
    const App *app = context;
    intake_wake(app->intake);
}

/* --- what happens by itself
 * ----------------------------------------------------------------------------- */

static void tick_rooms(gpointer context)
{
    const App *app = context;
    rooms_tick(app->rooms);
}

static void tick_memory(gpointer context)
{
    const App *app = context;
    gint64 now_ms = clock_monotonic_ms(app->clock);
    sessions_sweep(app->sessions, now_ms);
    limits_sweep(app->limits, now_ms);
}

static void tick_folders(gpointer context)
{
    const App *app = context;
    const char *const folders[] = {app->config->incoming, app->config->outgoing};
    for (gsize i = 0; i < G_N_ELEMENTS(folders); i++)
        if (folders[i])
            maildir_sweep(folders[i], clock_system(app->clock));
}

static void tick_notices(gpointer context)
{
    notices_tick(context);
}

/* --- making the parts
 * ----------------------------------------------------------------------------------- */

/* Port 0 is any free one: links carry the one that was taken. */
static void name_found_port(Server *server)
{
    const char *url = server->config.public_url;

    if (!g_str_has_suffix(url, ":0"))
        return;
    server->found_url =
        g_strdup_printf("%.*s%u", (int)strlen(url) - 1, url, http_server_port(server->app.server));
    server->config.public_url = server->found_url;
}

static bool open_http(Server *server, GError **error)
{
    App *app = &server->app;
    const Config *config = app->config;
    const HttpSettings settings = {
        .address = config->listen_address,
        .port = config->listen_port,
        .workers = config->workers,
        .connections = config->connections,
        .header_timeout_s = 10,
        .idle_timeout_s = 60,
        .form_limit = FORM_MOST,
        .upload_limit = UPLOAD_MOST,
        .upload_folder = config->upload_folder,
        .certificate_file = config->tls_certificate,
        .key_file = config->tls_key,
        .origin = config->public_url,
        .refused = routes_refuse,
    };

    server->routes = routes_new(app, routes_all());
    app->server =
        http_server_new(&settings, routes_answer_quickly, routes_answer, server->routes, error);
    if (!app->server)
        return false;
    name_found_port(server);
    app->hub = http_server_hub(app->server);
    return true;
}

static bool open_rooms(Server *server, GError **error)
{
    App *app = &server->app;
    const char *file = app->config->turn_secret_file;
    char *secret = file ? config_secret_read(file, error) : NULL;
    if (file && !secret)
        return false;
    const RoomSettings settings = {
        .stun_urls = (const char *const *)app->config->stun_urls,
        .turn_urls = (const char *const *)app->config->turn_urls,
        .turn_secret = secret,
    };
    app->rooms = rooms_new(app->store, app->clock, app->hub, &settings, on_room, app);
    config_secret_free(secret);
    return true;
}

static bool open_mail(Server *server, GError **error)
{
    App *app = &server->app;
    server->letters = (LetterBox){
        .key = &app->key,
        .public_url = app->config->public_url,
        .templates = server->templates,
        .hold_s = app->config->hold_s,
        .config = app->config,
    };
    app->letters = &server->letters;
    const IntakeSettings intake = {
        .config = app->config,
        .store = app->store,
        .clock = app->clock,
        .sandbox = app->sandbox,
        .letters = app->letters,
        .changed = on_mail,
        .letter_waits = on_letter_waits,
        .context = app,
    };
    app->outbox = outbox_start(app->config, app->store, app->clock, on_letter, app, error);
    if (!app->outbox)
        return false;
    app->intake = intake_start(&intake, error);
    if (!app->intake)
        return false;
    server->deliver =
        deliver_socket_open(app->config, app->store, app->clock, on_arrival, app, error);
    if (!server->deliver || !app->config->lmtp_socket)
        return server->deliver != NULL;
    server->lmtp = lmtp_open(app->config, app->store, app->clock, on_arrival, app, error);
    return server->lmtp != NULL;
}

/* Whatever becomes of them, the server goes on: a provider may be down. */
static void open_mailboxes(Server *server)
{
    App *app = &server->app;
    const MailboxSettings mailboxes = {
        .config = app->config,
        .store = app->store,
        .clock = app->clock,
        .arrived = on_arrival,
        .context = app,
        .pace = &mailbox_pace,
    };
    server->mailboxes = mailboxes_start(&mailboxes);
}

static bool open_server(Server *server, GError **error)
{
    App *app = &server->app;

    if (g_mkdir_with_parents(app->config->upload_folder, 0700) != 0) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "cannot make the folder %s: %s",
                    app->config->upload_folder, g_strerror(errno));
        return false;
    }
    if (!token_key_load(app->config->key_file, true, &app->key, error))
        return false;
    app->store = store_open(app->config->database, true, error);
    if (!app->store)
        return false;
    server->templates = templates_new(error);
    if (!server->templates)
        return false;
    app->templates = server->templates;
    app->sessions = sessions_new();
    app->limits = limits_new();
    if (!open_http(server, error))
        return false;
    return open_rooms(server, error) && open_mail(server, error);
}

static void start_ticking(Server *server)
{
    server->notices = (NoticeSettings){.store = server->app.store,
                                       .clock = server->app.clock,
                                       .letters = server->app.letters,
                                       .letter_waits = on_letter_waits,
                                       .context = &server->app};
    const TickerTask tasks[] = {
        {tick_rooms, &server->app, 1},
        {tick_memory, &server->app, 60},
        {tick_notices, &server->notices, NOTICES_EVERY_S},
        {tick_folders, &server->app, 3600},
        {NULL, NULL, 0},
    };
    tick_folders(&server->app); /* whoever is restarted every day would never come to it */
    server->ticker = ticker_start(tasks);
}

/* Each part exists or is NULL: also the way out of a start that failed. */
static void close_server(Server *server)
{
    App *app = &server->app;

    g_clear_pointer(&server->ticker, ticker_stop);
    g_clear_pointer(&server->mailboxes, mailboxes_stop);
    g_clear_pointer(&server->lmtp, lmtp_close);
    g_clear_pointer(&server->deliver, deliver_socket_close);
    g_clear_pointer(&app->intake, intake_stop);
    g_clear_pointer(&app->outbox, outbox_stop);
    g_clear_pointer(&app->rooms, rooms_free);
    g_clear_pointer(&app->server, http_server_free);
    g_clear_pointer(&server->routes, routes_free);
    g_clear_pointer(&app->limits, limits_free);
    g_clear_pointer(&app->sessions, sessions_free);
    g_clear_pointer(&server->templates, templates_free);
    g_clear_pointer(&app->store, store_close);
    g_clear_pointer(&server->found_url, g_free);
}

/* --- serving
 * -------------------------------------------------------------------------------------------- */

/* A signal handler has nothing else to look at. NULL once the server goes: a second signal then
 * changes nothing. */
static HttpServer *volatile stopped_by_signal;

static void on_signal(int number)
{
    HttpServer *server = stopped_by_signal;
    (void)number;
    if (server)
        http_server_stop(server);
}

static void watch_signals(HttpServer *server)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};

    stopped_by_signal = server;
    sigemptyset(&action.sa_mask);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
}

static void run(Server *server, void (*ready)(const char *url, gpointer data), gpointer data)
{
    const Config *config = server->app.config;

    start_ticking(server);
    open_mailboxes(server);
    g_message("event=serving address=%s port=%u", config->listen_address,
              http_server_port(server->app.server));
    if (ready)
        ready(config->public_url, data);
    http_server_run(server->app.server);
    g_message("event=stopping");
}

/* The buffer of a page is made by a worker and freed by the loop. By default the C library gives
 * such memory back to the system at once, only to ask for it again with the next page; a little may
 * wait in each thread's heap. */
static void keep_some_memory(void)
{
    mallopt(M_TRIM_THRESHOLD, 1024 * 1024);
}

int serve(const Config *config, Clock *clock, Sandbox *sandbox,
          void (*ready)(const char *url, gpointer data), gpointer data)
{
    g_autoptr(GError) error = NULL;
    Server server = {.app = {.clock = clock, .sandbox = sandbox}, .config = *config};

    server.app.config = &server.config;
    log_open(config->log_level);
    if (config->pec_ca_file && smime_authorities_in(config->pec_ca_file) == 0)
        g_warning("event=authorities_unreadable file=\"%s\"", config->pec_ca_file);
    keep_some_memory();
    if (!open_server(&server, &error)) {
        close_server(&server);
        g_printerr("sportello: %s\n", error->message);
        return 1;
    }
    watch_signals(server.app.server);
    run(&server, ready, data);
    stopped_by_signal = NULL;
    close_server(&server);
    return 0;
}
