/* outbox_post.c - see outbox_post.h.
 *
 * A submission server that cannot be reached, or lets nobody in, is left alone for a growing while,
 * and so is a domain whose letters were told "not now"; letters of other domains go on. Both are
 * remembered here only: after a restart they are found out again.
 */
#include "mail/outbox_post.h"
#include "mail/letter_sender.h"
#include "mail/maildir.h"
#include "mail/outbox_pace.h"

#include <string.h>

#define DOMAINS_MOST 4096 /* that are remembered */

typedef struct {
    const ConfigSmtp *config;
    Smtp *smtp;
    Pause pause;
    char *trouble;       /* why it is left alone */
    GHashTable *domains; /* of recipients, folded -> Pause * */
} Way;

struct Post {
    const Config *config;
    GPtrArray *ways; /* Way *, one per section */
    GRand *chance;
};

static void way_free(gpointer data)
{
    Way *way = data;
    smtp_free(way->smtp);
    g_hash_table_unref(way->domains);
    g_free(way->trouble);
    g_free(way);
}

Post *post_new(const Config *config, guint32 seed)
{
    Post *post = g_new0(Post, 1);
    post->config = config;
    post->ways = g_ptr_array_new_with_free_func(way_free);
    post->chance = g_rand_new_with_seed(seed);
    for (guint i = 0; config->smtp && i < config->smtp->len; i++) {
        Way *way = g_new0(Way, 1);
        way->config = g_ptr_array_index(config->smtp, i);
        way->smtp = smtp_new(way->config);
        way->domains = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
        g_ptr_array_add(post->ways, way);
    }
    return post;
}

void post_free(Post *post)
{
    if (!post)
        return;
    g_ptr_array_unref(post->ways);
    g_rand_free(post->chance);
    g_free(post);
}

/* --- outcomes --- */

static PostOutcome failed(char *reason)
{
    return (PostOutcome){.kind = POST_FAILED, .reason = reason};
}

/* Tried again at that time, unless it is too late by then. */
static PostOutcome again(PostKind kind, const Letter *letter, gint64 again_at, char *reason)
{
    if (pace_is_over(letter->due_at, again_at))
        return failed(reason);
    return (PostOutcome){.kind = kind, .again_at = again_at, .reason = reason};
}

static gint64 at_its_pace(const Post *post, const Letter *letter, gint64 now_at)
{
    guint attempts = (guint)MAX(letter->attempts, 1);
    return now_at + pace_s(PACE_LETTER, attempts, g_rand_double(post->chance));
}

/* --- the Maildir --- */

/* The same for the same row, whenever it is sent. */
static char *file_name(const Letter *letter)
{
    return g_strdup_printf("%" G_GINT64_FORMAT ".L%" G_GINT64_FORMAT ".sportello",
                           letter->created_at, letter->id);
}

static PostOutcome write_letter(const Post *post, const Letter *letter, gint64 now_at)
{
    g_autofree char *name = file_name(letter);
    g_autoptr(GError) error = NULL;
    if (maildir_write(post->config->outgoing, name, letter->content, &error))
        return (PostOutcome){.kind = POST_SENT};
    return again(POST_AGAIN, letter, at_its_pace(post, letter, now_at), g_strdup(error->message));
}

/* A letter to a PEC mailbox never leaves by ordinary mail; an office with a way out for PEC alone
 * still has its Maildir for the rest. */
static PostOutcome without_way(const Post *post, const Letter *letter, gint64 now_at)
{
    if (letter->route != LETTER_BY_PEC && post->config->outgoing)
        return write_letter(post, letter, now_at);
    char *reason = letter->route == LETTER_BY_PEC
                       ? g_strdup("no [smtp] section with pec = yes for this office")
                       : g_strdup("no way out is configured");
    return again(POST_AGAIN, letter, at_its_pace(post, letter, now_at), reason);
}

/* --- SMTP --- */

/* In small letters, owned by the caller. */
static char *domain_of(const char *address)
{
    const char *at = strrchr(address, '@');
    return g_ascii_strdown(at ? at + 1 : "", -1);
}

static gboolean is_past(gpointer domain, gpointer pause, gpointer now_at)
{
    (void)domain;
    return !pause_holds(pause, *(gint64 *)now_at);
}

static Pause *pause_of_domain(Way *way, const char *domain, gint64 now_at)
{
    Pause *pause = g_hash_table_lookup(way->domains, domain);
    if (pause)
        return pause;
    if (g_hash_table_size(way->domains) >= DOMAINS_MOST)
        g_hash_table_foreach_remove(way->domains, is_past, &now_at);
    if (g_hash_table_size(way->domains) >= DOMAINS_MOST)
        g_hash_table_remove_all(way->domains);
    pause = g_new0(Pause, 1);
    g_hash_table_insert(way->domains, g_strdup(domain), pause);
    return pause;
}

/* "550 5.1.1 (RCPT failed: 550)" or "connection timed out". */
static char *reason_of(const SmtpResult *result)
{
    if (!result->code)
        return g_strdup(result->trouble);
    return g_strdup_printf("%d %s%s(%s)", result->code, result->status, *result->status ? " " : "",
                           result->trouble);
}

static PostOutcome server_is_down(const Post *post, Way *way, const Letter *letter, gint64 now_at,
                                  const SmtpResult *result)
{
    g_autofree char *reason = reason_of(result);
    g_free(way->trouble);
    way->trouble = g_strdup_printf("%s: %s", way->config->name, reason);
    pause_fail(&way->pause, PACE_SERVER, now_at, g_rand_double(post->chance));
    g_warning("event=smtp_down smtp=%s failures=%u again_s=%" G_GINT64_FORMAT " error=\"%s\"",
              way->config->name, way->pause.failures, way->pause.until_at - now_at, reason);
    gint64 again_at = way->pause.until_at;
    if (result->was_handed_in) /* perhaps it was this one that the server did not bear */
        again_at = MAX(again_at, at_its_pace(post, letter, now_at));
    return again(POST_AGAIN, letter, again_at, g_strdup(way->trouble));
}

static void server_is_up(Way *way)
{
    if (way->pause.failures)
        g_message("event=smtp_up smtp=%s failures=%u", way->config->name, way->pause.failures);
    pause_end(&way->pause);
}

static PostOutcome try_letter(const Post *post, Way *way, const Letter *letter, const char *domain,
                              gint64 now_at)
{
    g_autofree char *sender = letter_envelope_sender(letter, way->config, post->config->subaddress);
    SmtpResult result = smtp_send(way->smtp, sender, letter->recipient, letter->content);
    if (result.outcome == SMTP_DOWN)
        return server_is_down(post, way, letter, now_at, &result);
    server_is_up(way);
    if (result.outcome == SMTP_LATER) {
        Pause *pause = pause_of_domain(way, domain, now_at);
        pause_fail(pause, PACE_DOMAIN, now_at, g_rand_double(post->chance));
        gint64 again_at = MAX(pause->until_at, at_its_pace(post, letter, now_at));
        return again(POST_AGAIN, letter, again_at, reason_of(&result));
    }
    g_hash_table_remove(way->domains, domain);
    if (result.outcome == SMTP_REFUSED)
        return failed(reason_of(&result));
    return (PostOutcome){.kind = POST_SENT};
}

static Way *way_of(const Post *post, const Letter *letter)
{
    const ConfigSmtp *config =
        config_smtp_for(post->config, letter->office_slug, letter->route == LETTER_BY_PEC);
    for (guint i = 0; config && i < post->ways->len; i++) {
        Way *way = g_ptr_array_index(post->ways, i);
        if (way->config == config)
            return way;
    }
    return NULL;
}

PostOutcome post_letter(Post *post, const Letter *letter, gint64 now_at)
{
    if (!letter->content)
        return failed(g_strdup("its content is gone"));
    Way *way = way_of(post, letter);
    if (!way)
        return without_way(post, letter, now_at);
    if (pause_holds(&way->pause, now_at))
        return again(POST_POSTPONED, letter, way->pause.until_at, g_strdup(way->trouble));
    g_autofree char *domain = domain_of(letter->recipient);
    const Pause *pause = g_hash_table_lookup(way->domains, domain);
    if (pause && pause_holds(pause, now_at))
        return again(POST_POSTPONED, letter, pause->until_at, g_strdup("its domain said: not now"));
    return try_letter(post, way, letter, domain, now_at);
}

/* --- connections --- */

bool post_is_open(const Post *post)
{
    for (guint i = 0; i < post->ways->len; i++)
        if (smtp_is_open(((Way *)g_ptr_array_index(post->ways, i))->smtp))
            return true;
    return false;
}

void post_close(Post *post)
{
    for (guint i = 0; i < post->ways->len; i++)
        smtp_close(((Way *)g_ptr_array_index(post->ways, i))->smtp);
}

void post_hurry(Post *post)
{
    for (guint i = 0; i < post->ways->len; i++)
        smtp_hurry(((Way *)g_ptr_array_index(post->ways, i))->smtp);
}
